package edge

import "net/http"

// outcome is how far a request came. Only this decides the status.
type outcome int

const (
	executed      outcome = iota // resolvers ran; errors or not
	refused                      // valid GraphQL over HTTP, but not to be executed: document, variables, limits
	malformed                    // not valid GraphQL over HTTP
	notAllowed                   // method
	notAcceptable                // Accept
	timedOut                     // the body did not arrive
	tooLarge                     // body
	uriTooLong                   // query string
	unsupported                  // Content-Type or Content-Encoding
	fault                        // ours
)

// status is the only table of status codes. It follows the GraphQL over HTTP
// draft, sections 6.4.1 and 6.4.2, as the audits of graphql-http read it. With
// application/json a refused operation answers 200: clients of that type take
// any other status for a broken server.
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
