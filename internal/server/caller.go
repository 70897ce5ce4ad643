package server

import (
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/authgraph/authgraph/internal/auth"
)

// maxUserAgent is how many bytes of a user agent are kept.
const maxUserAgent = 256

// callers resolves who asks.
type callers struct {
	o       Options
	cookies cookieStyle
}

// resolve puts the Caller into the context and sets the cookies that the
// domain wants set. A bad bearer makes the caller anonymous with a reason; a
// database that cannot be asked, or not in time, ends the request.
func (cs callers) resolve(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := newTimed(r.Context(), time.Now().Add(cs.o.RequestTime))
		defer ctx.end()
		c := cs.caller(r)
		if bearer, sent := bearerOf(r); sent {
			var err error
			if c, err = cs.o.Auth.Resolve(ctx, c, bearer); err != nil {
				told := auth.Told(ctx, cs.o.Log, err, "request", c.RequestID, "of", "caller")
				unserved(w, told, c.RequestID)
				return
			}
		}
		w = &cookieWriter{ResponseWriter: w, browser: c.Browser, style: cs.cookies}
		next.ServeHTTP(w, r.WithContext(auth.WithCaller(ctx, c)))
	})
}

// caller is an anonymous one, with all that does not come from a credential.
func (cs callers) caller(r *http.Request) auth.Caller {
	return auth.Caller{
		IP:        clientOf(r.Context()),
		UserAgent: oneLine(r.UserAgent(), maxUserAgent),
		Languages: strings.Join(r.Header.Values("Accept-Language"), ","),
		RequestID: requestID(r.Context()),
		Browser:   cs.cookies.browserOf(r),
	}
}

// oneLine makes text from a stranger fit for a log line, a letter or a list.
func oneLine(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, " "))
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return strings.TrimSpace(text)
}
