package web

import "net/http"

// mailboxPolicy is wider than the other pages' in one place: letters are styled
// inline, as mail must be, and the frame that shows one inherits the policy of
// the page around it. The frame is sandboxed: no script, no origin, and images
// only from the letter itself. A second one that nobody sees measures the letter:
// it has an origin, so that the page can look, and no script either.
const mailboxPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; " +
	"img-src 'self' data:; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// MailboxPage serves /dev/mailbox, the page that shows caught letters, and its
// assets below /dev/mailbox/; mount it at these two patterns. The page reads
// /dev/mailbox.json, which is not served here: an array, newest letter first, of
//
//	{"id", "to", "subject", "letter", "at", "token", "link", "text", "html"}
//
// all strings, "at" in RFC 3339, "token" and "link" empty for a notice. Letters
// hold secrets: never mount it in production.
func MailboxPage(o Options) http.Handler {
	return site{
		"/dev/mailbox":             newPage(mailboxPolicy, o.withDefaults(), "mailbox/mailbox.html"),
		"/dev/mailbox/style.css":   newAsset("style.css"),
		"/dev/mailbox/icon.svg":    newAsset("icon.svg"),
		"/dev/mailbox/mailbox.css": newAsset("mailbox/mailbox.css"),
		"/dev/mailbox/mailbox.js":  newAsset("mailbox/mailbox.js"),
		"/dev/mailbox/letter.js":   newAsset("mailbox/letter.js"),
		"/dev/mailbox/frame.js":    newAsset("mailbox/frame.js"),
	}
}
