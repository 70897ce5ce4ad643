package edge

// HasSentence reports whether a rule of validation has a fixed message.
func HasSentence(rule string) bool { return sentences[rule] != "" }
