package auth

import "testing"

// TestMessages: a message fits its field.
func TestMessages(t *testing.T) {
	_, both := parseIdentifier(new("ann@example.org"), new("ann"))
	_, short := parseUsername("ab")
	for _, test := range []struct {
		err  error
		want string
	}{
		{refuse(InvalidCredentials), "The address, username or password is wrong."},
		{refuse(InvalidCredentials, "currentPassword"), "The current password is wrong."},
		{refuse(InvalidCredentials, "password"), "The password is wrong."},
		{refuse(InvalidCredentials, "confirmKey"), "This key is not from the sign-up that the link belongs to."},
		{refuse(NotOffered), "This server does not offer this."},
		{refuse(NotOffered, "username"), "There are no usernames on this server."},
		{short, "A username has 3 to 64 characters: letters from A to Z, digits and, after the first, also dots, hyphens and underscores."},
		{both, "Give an address or a username, not both."},
		{refuse(Invalid, "email"), messages[Invalid]},
	} {
		if got := test.err.(*Error).Message(); got != test.want {
			t.Errorf("the message of %v is %q, want %q", test.err, got, test.want)
		}
	}
}
