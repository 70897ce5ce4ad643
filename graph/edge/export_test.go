package edge

// HasSentence reports whether a rule of validation has fixed words.
func HasSentence(rule string) bool { return sentences[rule] != "" }
