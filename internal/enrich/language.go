package enrich

// sure is the confidence from which a message's own words decide its language; below, those of the others do.
const sure = 0.5

// languages tells the language of each message. People write "ok" and names in all of them, so a message that
// says little is in the language most of the others are in.
func (a *Analyser) languages(s *scratch, c *Conversation) {
	s.sure = s.sure[:0]
	for i := range s.talk.Turns {
		lang, confidence := a.language.Detect(s.talk.Turns[i].Raw)
		c.Messages[i].Language = lang
		s.sure = append(s.sure, confidence)
	}
	main := ""
	most := 0.0
	for i := range s.sure {
		lang := c.Messages[i].Language
		if lang == "" || s.sure[i] < sure || lang == main {
			continue
		}
		total := 0.0
		for j, other := range s.sure {
			if other >= sure && c.Messages[j].Language == lang {
				total += other
			}
		}
		if total > most {
			main, most = lang, total
		}
	}
	if main == "" {
		return
	}
	for i := range s.sure {
		if c.Messages[i].Language != "" && s.sure[i] < sure {
			c.Messages[i].Language = main
		}
	}
}
