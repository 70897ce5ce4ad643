package auth

// HolderStatements are the statements that are written by hand, for a test of
// their plans. Each takes a token's id or digest.
func HolderStatements() []string { return holderSQL[:] }
