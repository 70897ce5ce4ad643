package edge

import "net/http"

// outcome is how far a request came. It alone decides the status.
type outcome int

const (
	executed      outcome = iota // resolvers ran; errors or not
	refused                      // GraphQL, but not to be executed: document, variables, bounds
	malformed                    // not GraphQL over HTTP
	notAllowed                   // method
	notAcceptable                // Accept
	timedOut                     // the body did not arrive
	tooLarge                     // body
	uriTooLong                   // query string
	unsupported                  // Content-Type or Content-Encoding
	fault                        // ours
)

// status is the one table of status codes: the GraphQL over HTTP draft,
// sections 6.4.1 and 6.4.2, as the audits of graphql-http read it. Under
// application/json a refused operation answers 200, since clients of that
// type take any other status for a broken server.
func status(o outcome, m mediaType) int {
	switch o {
	case executed:
		return http.StatusOK
	case refused:
		if m == graphqlResponse {
			return http.StatusBadRequest
		}
		return http.StatusOK
	case malformed:
		return http.StatusBadRequest
	case notAllowed:
		return http.StatusMethodNotAllowed
	case notAcceptable:
		return http.StatusNotAcceptable
	case timedOut:
		return http.StatusRequestTimeout
	case tooLarge:
		return http.StatusRequestEntityTooLarge
	case uriTooLong:
		return http.StatusRequestURITooLong
	case unsupported:
		return http.StatusUnsupportedMediaType
	default:
		return http.StatusInternalServerError
	}
}
