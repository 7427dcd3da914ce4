package refusal

import "github.com/debrief-dev/debrief/internal/enrich/phrase"

// Phrases written for this project. What English answers teach the model of them holds for those of other languages,
// which the labelled set does not have.
var (
	declines = phrase.Compile([]string{
		"i _ cannot|can't|can´t|won't _ provide|assist|help|offer|give|fulfill|answer|create|generate|support|promote|suggest|endorse|advise|recommend|engage|condone|share|write|do|continue|comply|participate|encourage",
		"i am|i'm not able|allowed|permitted|comfortable|going to", "i'm not able|allowed|permitted|comfortable|going to", "i am|i'm unable to", "i'm unable to",
		"i must _ decline", "i decline", "i have to decline", "i refuse", "unable to assist|help|provide|fulfill|comply", "i do not|don't feel comfortable",
		"cannot|can't assist|help with|you with", "against my programming|guidelines|policy|principles|ethical", "goes against my", "i will not|won't", "not something i can",
		"i'm designed not to", "violates|violate my|our policy|policies|guidelines", "i strongly advise|urge|discourage", "i must advise against", "no puedo|podemos _ ayudar*|proporcionar|dar*|ofrecer|responder|hacer",
		"ich kann|darf|werde _ nicht|keine", "das kann|darf ich nicht", "dabei kann ich", "leider kann ich", "je ne peux|puis|suis pas", "je ne peux", "je refuse", "non posso", "non sono in grado", "não posso", "não consigo", "não estou autorizado",
		"ik kan|mag _ niet|geen", "nie mogę", "nie jestem w stanie", "jag kan|får _ inte", "jeg kan|må _ ikke", "en voi", "nem tudok|segíthetek", "nu pot", "nemohu", "nemôžem", "ne mogu", "ne morem", "не могу", "не можу", "не мога", "yardımcı olamam|olamıyorum", "bunu yapamam",
		"tôi không thể", "saya tidak bisa|dapat", "hindi ko maaaring|kaya", "siwezi", "لا أستطيع|يمكنني", "لا يمكنني", "نمی‌توانم", "نمیتوانم", "میں نہیں|مدد نہیں کر سکتا", "मैं _ नहीं कर सकता|सकती", "मी _ करू शकत नाही",
		"お手伝いできません", "お答えできません", "提供できません", "対応できません", "我不能", "我无法", "我無法", "无法提供", "无法协助", "不能提供", "도와드릴 수 없*", "제공할 수 없*", "할 수 없습니다", "ไม่สามารถ",
	})
	disputes = phrase.Compile([]string{
		"not appropriate|acceptable|respectful|accurate|ethical|productive to", "it is|it's never|not appropriate|acceptable|okay|right|ethical|accurate|respectful|productive|fair|valid", "harmful|offensive|negative|dangerous _ stereotype*|assumption*|generalization*",
		"no factual|scientific basis|evidence", "factually coherent|incorrect", "don't think that's|it's", "perpetuate|perpetuates|perpetuating|promote|promotes|promoting _ stereotype*|discrimination|harm*|hate|violence", "question _ assumption*|stereotype*|premise|harmful|offensive",
		"i must _ point out|clarify|emphasize|challenge", "important to recognize|remember|treat|approach|respect", "illegal and|or unethical", "is illegal|unethical", "against the law", "harmful|illegal|unethical _ activit*|behavior|content",
		"seek help|professional", "please reach out", "nicht angemessen", "pas approprié", "no es apropiado|adecuado", "non è appropriato|opportuno", "não é apropriado|adequado", "неуместно|недопустимо",
	})
	helps = phrase.Compile([]string{
		"here are|is some|a|the|several|few|possible", "here's how|a|what|the", "you can|could|may|might try|use|do|start|find|also|consider|follow", "to do so|this|that", "follow these|the steps", "the following steps|ways|tips|options|methods", "first second|then", "sure", "certainly", "of course", "great question",
		"steps to|you can", "such as", "for example", "depending on", "involves", "refers to", "known for|as", "i'd be happy to",
		"hier ist|sind", "gerne", "voici", "bien sûr", "aquí está|tienes|hay", "claro", "ecco", "certo", "aqui está|estão", "вот", "конечно", "もちろん", "以下", "当然", "当然可以", "물론",
	})
)

// openingTokens are those that a refusal, or help, begins in.
const openingTokens = 30
