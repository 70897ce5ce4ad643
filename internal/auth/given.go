package auth

import "encoding/json"

// givenFactor is a proof that somebody gave, and the field it stood in: a code, or
// what a passkey answered.
type givenFactor struct {
	kind        ProofKind
	code, field string
	passkey     json.RawMessage
	asked       asked // of a passkey
}

// givenProofs are the proofs of an input, of which it must have exactly one.
type givenProofs struct {
	emailCode, totpCode, recoveryCode *string
	passkey                           json.RawMessage
}

// one reads the one proof that was given; none is REQUIRED at a field, and of two
// the second is INVALID.
func (g givenProofs) one(none string) (givenFactor, error) {
	var given []givenFactor
	for _, code := range []struct {
		kind  ProofKind
		text  *string
		field string
	}{{ByEmailCode, g.emailCode, "emailCode"}, {ByTotp, g.totpCode, "totpCode"}, {ByRecoveryCode, g.recoveryCode, "recoveryCode"}} {
		if code.text != nil {
			given = append(given, givenFactor{kind: code.kind, code: pasted(*code.text), field: code.field})
		}
	}
	if isGiven(g.passkey) {
		given = append(given, givenFactor{kind: ByPasskey, passkey: g.passkey, field: "passkey"})
	}
	switch {
	case len(given) == 0:
		return givenFactor{}, refuse(Required, none)
	case len(given) > 1:
		return givenFactor{}, refuse(Invalid, given[1].field)
	case given[0].kind != ByPasskey && given[0].code == "":
		return givenFactor{}, refuse(Required, given[0].field)
	}
	return given[0], nil
}

// isGiven reports that an input has a passkey's answer. null is none.
func isGiven(answer json.RawMessage) bool { return len(answer) > 0 && string(answer) != "null" }
