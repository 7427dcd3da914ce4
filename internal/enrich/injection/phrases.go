package injection

import "github.com/debrief-dev/debrief/internal/enrich/phrase"

// Phrases written for this project, in the languages that people use most. The labelled sets that may be trained on
// are English but for a few.
// kind of a phrase.
type kind uint8

const (
	overriding kind = iota
	secret
	unbinding
	roleplay
	dictating
	luring
	kinds
)

// lists are the phrases by kind, all is them compiled together, and kindOf says which kind each is.
var lists = [kinds][]string{overrides, secrets, unbound, roles, dictates, lures}

var all, kindOf = compile()

func compile() (*phrase.Set, []kind) {
	var list []string
	var of []kind
	for k, phrases := range lists {
		for _, p := range phrases {
			list, of = append(list, p), append(of, kind(k))
		}
	}
	return phrase.Compile(list), of
}

var (
	// overrides tell the copilot to drop what it was told.
	overrides = []string{
		"ignore|disregard|forget|neglect|override|bypass|discard _ all|any|every|previous|prior|above|earlier|preceding|foregoing|your _ instruction*|instruct*|prompt*|rule*|guideline*|direction*|command*|orders|polic*|restriction*|filter*|programming|assignment*|task*|context|text|message*|input*|conversation|training|content",
		"ignore|disregard|forget _ previous|prior|above|before|earlier|preceding", "ignore|forget|disregard everything|all|anything", "forget _ everything|all|anything _ before|above|said|told|know|learned|prior|i", "ignore what|that|the above|everything", "disregard the|all|any|what", "stop following|obeying",
		"do not|don't _ follow|obey|adhere|answer _ instructions|rules|guidelines|question", "new instructions|task|instruction|orders|assignment|rules|persona", "your|the new|next|real task|instructions|assignment _ is|are|follow", "instead of _ instructions|above", "no longer bound|have|restricted|subject|follow|need", "you are now", "from now on", "as of now", "now focus on", "start over", "focus on your|the new|next", "in deviation from", "contrary to _ instructions",
		"vergiss|vergesse|vergessen|ignoriere|ignorier|ignorieren|missachte|missachten|verwerfe|lösche|überspringe _ alle*|all*|das|was|vorherige*|vorige*|bisherige*|obige*|davor|zuvor|anweisung*|instruktion*|aufgabe*|regel*|sie", "alle|alles vorherig*|vorig*|bisherig*|gesagte|obige*", "lassen sie _ vorherig*|bisherig*|hinter", "lass alle|alles|sie", "neue|nächste|neuen|nun|jetzt aufgabe*|anweisung*|instruktion*", "abweichend|entgegen _ anweisung*|instruktion*|vorherig*", "ab jetzt|sofort", "von jetzt|nun an", "konzentriere|konzentrieren dich|sie", "fangen|fang|beginne|beginnen _ von vorne|neu", "du bist jetzt|nun", "nun|jetzt folgen|folgt|kommt|kommen|beginnt", "verfasse|schreibe|hilf|antworte nun",
		"oublie|oubliez|oublier|ignore|ignorez|ignorer _ tout|toutes|tous|instruction*|consigne*|précédent*|ce que|les", "nouvelles instructions|consignes", "à partir de maintenant|présent", "désormais tu|vous",
		"olvida|olvide|olvidar|olvídate|olvídese|ignora|ignore|ignorar|haz|omite _ todo|todas|todos|instruccion*|anterior*|lo|que", "nuevas instrucciones|órdenes", "a partir de ahora", "de ahora en", "caso omiso",
		"dimentica|dimenticate|dimenticare|ignora|ignorare|scorda _ tutto|tutte|tutti|istruzion*|precedent*|quello|ciò", "nuove istruzioni", "da ora in", "d'ora in",
		"esqueça|esquece|ignore|ignora|desconsidere _ tudo|todas|todos|instruç*|anterior*|o", "novas instruções", "a partir de agora", "vergeet|negeer _ alle*|alles|vorige|instructies|eerdere|wat", "vanaf nu",
		"zapomnij|zignoruj|ignoruj _ wszystk*|poprzedni*|instrukcj*|co", "glöm|ignorera|bortse _ allt|alla|tidigare|instruktion*", "glem|ignorer _ alt|alle|tidligere|instruks*", "zapomeň|ignoruj _ vše*|předchozí|instrukce",
		"zaboravi|ignoriraj|zanemari _ sve*|prethod*|upute|instrukcij*|prije", "unut|unutun|görmezden|yoksay _ önceki|tüm|her|bütün|talimat*", "önceki|tüm talimat*|komut* _ unut*|yoksay|görmezden",
		"забудь|забудьте|игнорируй|игнорируйте|проигнорируй _ все|всё|вс*|предыдущ*|инструкци*|что|указани*", "новые инструкции|указания", "с этого момента", "отныне ты", "забудь|ігноруй _ все|всі|попередн*|інструкці*",
		"lupakan|abaikan _ semua|instruksi|perintah|sebelum*|segala", "bỏ qua|quên _ tất cả|hướng|trước|mọi", "تجاهل|انس|انسى _ كل|جميع|التعليمات|السابق*|ما", "bhool|bhul|ignore|bhulkar _ sab|pahale|pehle|jo",
		"पिछले|पहले|सभी _ निर्देश* _ भूल*|अनदेखा|नज़रअंदाज़", "भूल जाओ|जाइए", "以前の指示", "これまでの指示", "指示を無視", "すべて忘れて", "忽略之前", "忽略以上", "忽略所有", "无视之前", "忘记之前", "忘记所有", "忘掉之前", "이전 지시*|명령*|지침*", "지시를|지침을|명령을 무시*",
	}
	// asks after what the copilot was told, or for what it should keep.
	secrets = []string{
		"show|print|reveal|repeat|tell|output|display|give|say|write|spell|return|leak|expose|dump|share|provide _ your|the|system|initial|original|all|full|first|hidden|secret|entire _ prompt|prompts|instructions|instruction|rules|password|passwords|secret|text|guidelines|message|configuration|passcode|key",
		"what|which|how _ your|the|system|initial|original _ prompt|instructions|password|passcode|secret|rules|guidelines", "prompt text|texts", "system prompt|message|instructions", "the|your|that password|passcode", "password is|in|to|for|backwards|starts", "secret key|word|code|phrase|password", "your _ instructions|guidelines|prompt", "email|account|address|number of|for susan|john|the", "repeat|print|output everything|all|the above|verbatim|text|words|back",
		"zeige|zeig|nenne|gib|schreibe|wiederhole|sag|sage|verrate|wie lautet|lauten|waren|ist _ passwort|prompt*|anweisung*|instruktion*|texte", "passwort lautet|ist", "alle|deine|deinen|ihre prompt*|anweisungen|instruktionen|texte", "mot de passe", "votre|ton|tes|vos prompt*|instructions|consignes", "tu|su|tus|sus|la contraseña|instrucciones|prompt", "qual|tua|la password", "la|tua|tue|le istruzioni|password", "sua|suas|a senha|instruções|prompt", "пароль", "системный промпт|запрос", "şifre*|parola*", "mật khẩu", "kata sandi", "كلمة المرور|السر", "पासवर्ड", "パスワード", "密码", "提示词", "비밀번호*|암호*|프롬프트*",
	}
	// roles that have no rules, and marks of it.
	unbound = []string{
		"dan", "jailbreak|jailbroken|jailbreaks", "do anything now", "developer mode", "dev mode", "god mode", "admin|administrator|root|maintenance|debug|sudo|override mode|access|privileges|user", "evil|unfiltered|uncensored|unrestricted|amoral|immoral|unethical|lawless _ ai|bot|assistant|chatbot|confidant|model|character|persona|version|response*|answer*|mode", "böse|böser|unmoralisch* _ ki", "unfiltered|uncensored|unrestricted|unlimited", "no|without|any|free _ restrictions|limitations|limits|filters|filter|censorship|morals|ethics|guidelines|boundaries|constraints", "not bound|limited|restricted|constrained", "break|broken|breaks free|character|out", "stay in character", "never refuse|refuses|say|says|break|breaks", "cannot|can't|must never refuse|say|decline", "no matter how|what|illegal|unethical", "regardless of _ legal*|ethic*|moral*|consequence*|illegal", "openai|open ai|anthropic _ polic*|guideline*|restriction*|rules|content|limit*", "content policy|policies", "ethical|moral|legal|safety guidelines|restrictions|concerns|implications|filters|constraints|boundaries", "illegal|unethical|immoral|explicit|nsfw|harmful _ content|request*|thing*|advice|information|or|and", "tokens", "role play|roleplay|playing", "pretend|imagine|simulate|suppose _ you|to _ are|can|have|be|no", "hypothetical _ response|story|scenario|scene", "in this hypothetical|fictional|alternate", "my deceased|dead|late grandmother|grandma", "as _ president|ceo|god|administrator|developer|owner|king|boss", "i am|i'm _ god|president|admin*|developer|owner|ceo|creator|doctor", "stell|stellen dir|sie vor", "imagine you", "schauspieler", "two|both actors", "always|both|really stay|actors _ roles|role|character", "opposite|evil _ mode|twin|persona", "respond|answer|reply _ as _ would|two ways|both", "classic normal|gpt", "amnesia|amnesie", "encode|encoded|base64|rot13|leetspeak|morse|hex|cipher|obfuscated", "decode|split _ parts|into",
	}
	// takes a role: harmless as a request of its own, an attack when it follows another text.
	roles = []string{
		"i want|need|would|wish _ you _ to _ act|play|pretend|behave|be", "act as|like a|an|the|if", "play the role|part", "pretend to|you", "you will|shall act|play|be|pretend", "be a|an|my",
		"ich möchte|will dass sie|du", "du|sie bist|sind", "agiere|agieren|fungiere|fungieren|verhalte|verhalten _ als|wie", "als _ agieren|fungieren", "spiele|spielen die|eine|einen", "je veux|voudrais que", "agis|agissez|joue|jouez comme|le|en", "quiero|necesito que", "actúa|actúe|actuar como", "voglio che", "agisci|comportati come", "quero que", "aja|atue como", "želim da", "хочу чтобы", "действуй|веди|представь", "your first|next|only task|job|request|command|question|sentence|suggestion", "my first|next request|command|question|sentence|suggestion",
	}
	// orders exactly what to say.
	dictates = []string{
		"say|write|print|output|respond|answer|reply|scream|shout|state|type|return exactly|only|just|simply|with|always|nothing|i|that|the _ words|word|phrase|yes|and|nothing|hate|love", "execute|run|evaluate _ following|command|code|this|sql|script", "print", "generate|write _ code|sql|query|script", "and nothing else", "only say|answer|respond|reply|write", "answer with|every|always|only", "must|have to|only _ say|answer|respond|reply", "repeat _ times|forever|after|word", "always answer|respond|say|reply|claim",
		"sage|sag|schreibe|schreib|antworte|antworten|schreie|gib|generiere|generieren|bestätige _ nur|mit|immer|einfach|dass|code|aus|drucke|sql|python", "nur|immer _ antworten|sagen|schreiben", "führe|führen _ aus", "dites|dis|écris|écrivez|réponds|répondez _ seulement|que|en|uniquement|suit", "di|diga|dime|escribe|responde _ solo|que|siempre|solamente", "solo|sólo tienes|debes|di|diga", "scrivi|rispondi|dì _ solo|che", "diga|escreva|responda _ apenas|só|que", "скажи|напиши|ответь|отвечай _ только|что",
	}
	// praise and urgency, with which a hijack begins.
	lures = []string{
		"well|great|good|excellent|nice|fantastic|perfect|brilliant|wonderful done|job|work", "attention|stop|important|urgent|warning|caution", "i urgently|desperately need", "my life|job|career depends", "please|i beg you", "that's enough|all", "thank you|thanks for _ now|next", "sehr gut|schön", "gut|super gemacht", "ausgezeichnet*|hervorragend*|fantastisch*|prima|exzellent* _ leistung|arbeit|gemacht|nun|jetzt", "das genügt|reicht", "vielen dank _ nun|jetzt|weiter", "très bien", "muy bien", "bien hecho|joué", "ottimo lavoro", "muito bem", "i'll donate|pay|give|tip", "tip you|of",
	}
)
