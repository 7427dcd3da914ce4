package main

// source is how predictions come about, and what scores them.
type source struct {
	scorer string // of the evaluation data: "failed" is failed.py
	file   string // of the labelled sets, without ending
	task   string // of "debrief analyze"; or
	train  string // the analyser whose training program predicts out of fold, because it trains on the file
	flag   string // one more flag of that program
}

// row is a line of the table.
type row struct {
	insight, figure string
	source
	path                       string // of the figure in what the scorer says; divided by commas, the mean of several
	lexicon, simple, best, aim string
}

// rows is the table. Baselines and aims are those the project set itself, on a private part of the same
// sets; this program does not measure them.
func rows() []row {
	satisfaction := source{scorer: "satisfaction", file: "satisfaction_uss", task: "satisfaction"}
	breakdown := source{scorer: "breakdown", file: "breakdown_dbdc3", train: "badanswer"}
	rating := source{scorer: "rating", file: "rating_convai", train: "rating"}
	failed := source{scorer: "failed", file: "failed_answer", train: "failed"}
	language := source{scorer: "language", file: "language", train: "language"}
	airline := source{scorer: "sentiment", file: "sentiment_airline", task: "sentiment"}
	tweets := source{scorer: "sentiment", file: "sentiment_tweeteval", task: "sentiment"}
	emotion := source{scorer: "emotion", file: "emotion_emocontext", train: "emotion"}
	injection := source{scorer: "injection", file: "injection", train: "injection"}
	refusal := source{scorer: "refusal", file: "refusal_xstest", train: "refusal"}
	goal := source{scorer: "goal", file: "goal_iard", train: "goal"}
	rephrase := source{scorer: "rephrase", file: "rephrase_pairs", train: "rephrase"}
	pii := func(file string) source { return source{scorer: "pii", file: file, train: "pii"} }
	topics := func(file, task string) source { return source{scorer: "topics", file: "topics_" + file, task: task} }
	return []row{
		{"sentiment", "macro F1", airline, "macro_f1", ".453", ".755", "–", ".79"},
		{"sentiment", "macro recall", tweets, "macro_recall", ".567", ".588", ".629 linear, .737 best", ".63"},
		{"anger, sadness", "micro F1", emotion, "micro_f1_emotions", ".448", ".779", ".796 (other mix)", ".81"},
		{"injection attempt", "recall at 1 % FPR", injection, "recall_at_fpr1", ".659", ".804", ".985 (GPU, other data)", ".90"},
		{"refusal", "F1", refusal, "all.f1", ".864", ".938", "people agree 96 %", ".955"},
		{"language", "accuracy, chat", language, "by_source.chat.accuracy", ".70 (whatlanggo)", "–", ".95 (lingua-go)", ".96"},
		{"language", "accuracy, three words", language, "by_source.udhr_3words.accuracy", "", "", "", ""},
		{"dissatisfied turn", "AUC, mean of sources", satisfaction, "headline.turn_auc", ".705", ".861", ".65–.71", ".88"},
		{"conversation satisfaction", "rho", satisfaction, "headline.conv_spearman", ".253", ".322", ".28–.38", ".40"},
		{"bad answer, English", "rho", breakdown, "headline_en.spearman", ".124", ".481", "", ".55"},
		{"bad answer, Japanese", "rho, mean of systems", breakdown, "by_system.ja/DCM.spearman,by_system.ja/DIT.spearman,by_system.ja/IRS.spearman", "", "", "", ".3"},
		{"thumbs down", "AUC", rating, "thumb_down_auc", ".570", ".715", "", ".76"},
		{"predicted rating", "rho", rating, "rating_spearman", ".152", ".400", "", ".48"},
		{"failed answer", "AP", failed, "headline.ap", ".716", ".900", "", ".94"},
		{"goal reached", "AUC", goal, "accepted_auc", ".505", ".907", "", ".92"},
		{"accepts", "AP", goal, "accept_ap", ".441", ".858", "", ".90"},
		{"rejects", "AP", goal, "reject_ap", ".517", ".778", "", ".82"},
		{"topics, K given", "ACC", topics("banking", "topics-77"), "acc", ".39", ".48", ".55", ".53"},
		{"topics, K given", "ACC", topics("clinc", "topics-150"), "acc", ".47", ".58", ".76", ".64"},
		{"topics, K unknown", "NMI", topics("banking", "topics"), "nmi", "–", ".65", "–", ".70"},
		{"topics, K unknown", "clusters, gold 77", topics("banking", "topics"), "clusters", "", "", "", "54–115"},
		{"topics, K unknown", "NMI", topics("clinc", "topics"), "nmi", "–", ".78", "–", ".82"},
		{"topics, K unknown", "clusters, gold 150", topics("clinc", "topics"), "clusters", "", "", "", "105–225"},
		{"topics, K unknown", "NMI", topics("conversations", "topics"), "nmi", "–", ".92", "–", ".95"},
		{"topics, K unknown", "clusters, gold 14", topics("conversations", "topics"), "clusters", "", "", "", "10–21"},
		{"topic names", "name_hit_3", topics("banking", "topics"), "name_hit_3", "–", ".73–.88", "–", ".90"},
		{"topic names", "name_hit_3", topics("clinc", "topics"), "name_hit_3", "–", ".73–.88", "–", ".85"},
		{"personal data, structured", "F1 of characters", pii("pii_presidio"), "chars_structured.f1", ".985", ".985", "–", ".995"},
		{"personal data, structured", "F1 of characters", pii("pii_conversations"), "chars_structured.f1", ".995", ".995", "–", ".998"},
		{"personal data, all", "F2 of characters", pii("pii_presidio"), "chars_all.f2", ".148", ".445", ".62, tuned .85 (Presidio, spans)", ".75"},
		{"personal data, all", "F2 of characters", pii("pii_conversations"), "chars_all.f2", ".216", ".755", "–", ".90"},
		{"asks again", "AUC", rephrase, "all.auc", ".474", ".607", "–", ".75"},
		{"asks again", "AUC, hard negatives", rephrase, "all.auc_hard", "", "", "", ""},
	}
}

func (r row) how() string {
	if r.train != "" {
		return "trained on it, out of fold"
	}
	return "analyze --task " + r.task + ", never trained on it"
}
