package signal

// askedForPerson is a user who has given up on the copilot.
var askedForPerson = Definition{
	Name: "asked_for_person", Title: "Asked for a person", Group: Course, Dimension: Answer, Weight: -0.4,
	Rule: "The user asks for a person (a human, a real person, an employee), in one of the languages of thanks.",
	find: func(f *finder) {
		for _, m := range f.messages {
			if isUser(m.Event) && m.text.says(personWords) {
				f.conclude(m.at, f.lastAnswer[m.at], "asked for a person")
			}
		}
	},
}

var personWords = phrasesOf(
	"talk to a human", "talk to human", "talk to a person", "talk to someone", "talk to a real", "speak to a human", "speak to a person", "speak to someone", "speak with a human", "speak with a person", "speak with someone",
	"speak to an agent", "speak with an agent", "talk to an agent", "chat with an agent", "real person", "real human", "human agent", "live agent", "human being", "customer representative", "a representative", "a person help", "human please", "need a human",
	"mit einem menschen", "mit einem mitarbeiter", "einen mitarbeiter", "echten menschen", "parler à un humain", "parler à quelqu'un", "un conseiller", "une vraie personne", "hablar con una persona", "hablar con un humano", "hablar con un agente", "una persona real",
	"parlare con un operatore", "parlare con una persona", "un operatore", "falar com um atendente", "falar com uma pessoa", "um atendente", "een medewerker", "echt persoon", "met een mens", "转人工", "人工客服", "真人", "轉人工", "オペレーター", "担当者", "人間と話",
)
