package origin

// Set is the origins whose pages may call.
type Set struct {
	exact    map[string]bool
	patterns []Pattern
}

// NewSet makes one of origins and patterns.
func NewSet(origins []Origin, patterns []Pattern) Set {
	s := Set{exact: make(map[string]bool, len(origins)), patterns: patterns}
	for _, o := range origins {
		s.exact[o.String()] = true
	}
	return s
}

// Has reports that the header Origin of a request names one of the set, byte by
// byte as browsers write it.
func (s Set) Has(header string) bool {
	if s.exact[header] {
		return true
	}
	if len(s.patterns) == 0 {
		return false
	}
	o, ok := Sent(header)
	for _, p := range s.patterns {
		if ok && p.matches(o) {
			return true
		}
	}
	return false
}

// Sent reads a header Origin. It is false for what no browser sends.
func Sent(header string) (Origin, bool) {
	o, err := Parse(header)
	return o, err == nil && o.String() == header
}
