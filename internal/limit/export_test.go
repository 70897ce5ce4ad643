package limit

// Lines counts what somebody has the turn of, or waits for.
func (t *Turns) Lines() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.lines)
}
