package mail

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/trace"
)

// Transport brings messages to their readers: SMTP or Mailbox. A failure is an
// *Error, which says whether trying again makes sense.
type Transport interface {
	Send(ctx context.Context, m Message) error
}

// Delivery is a letter that is due, as the outbox hands it over: mail does not
// know where it waited.
type Delivery struct {
	// ID is the same however often the letter is tried.
	ID uuid.UUID
	// Letter is the letter's name, Recipient its address.
	Letter, Recipient string
	// Content is a Letter as JSON.
	Content []byte
	// Token is in the clear; empty in a notice.
	Token string
}

// Courier renders letters and hands them to a transport. It is safe for
// concurrent use.
type Courier struct {
	renderer  *Renderer
	transport Transport
}

// NewCourier returns a courier.
func NewCourier(r *Renderer, t Transport) *Courier {
	return &Courier{renderer: r, transport: t}
}

// Deliver renders a letter and sends it. A letter that cannot be written is a
// permanent *Error: it would not get better.
func (c *Courier) Deliver(ctx context.Context, d Delivery) error {
	var l Letter
	if err := json.Unmarshal(d.Content, &l); err != nil { // whose text may quote the content
		return &Error{step: "read the letter", permanent: true, cause: errors.New("its content is no letter's")}
	}
	m, err := c.renderer.Render(d.Letter, d.Recipient, l, d.Token)
	if err != nil {
		return &Error{step: "write the letter", permanent: true, cause: err}
	}
	m.ID = d.ID
	ctx, span := trace.Start(ctx, "smtp", trace.Client)
	err = c.transport.Send(ctx, m)
	span.End(err)
	return err
}
