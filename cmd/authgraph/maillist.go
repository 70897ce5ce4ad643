package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/outbox"
)

type mailList struct {
	State string `help:"Only those that are waiting, sent, dropped or failed." enum:",waiting,sent,dropped,failed" default:""`
	Limit int    `help:"The largest number of e-mails." default:"100"`
	JSON  bool   `name:"json" help:"Print a JSON object per line."`
}

// Help is printed below the line of help.
func (mailList) Help() string {
	return `The newest come first. Those that are done with are kept for a week. An e-mail is dropped if its link was used or
is no longer valid before it could be sent.`
}

// mailLine is an e-mail as JSON. It says nothing of the content.
type mailLine struct {
	ID         uuid.UUID  `json:"id"`
	State      string     `json:"state"`
	Letter     string     `json:"letter"`
	To         string     `json:"to"`
	CreatedAt  time.Time  `json:"createdAt"`
	FinishedAt *time.Time `json:"finishedAt"`
	Attempts   int        `json:"attempts"`
	LastError  *string    `json:"lastError"`
}

// Run lists e-mails.
func (cmd mailList) Run(p *program) error {
	if cmd.Limit < 1 || cmd.Limit > 10_000 {
		return errors.New("--limit must be between 1 and 10000")
	}
	return withOutbox(p, func(o *outbox.Outbox) error {
		rows, err := o.List(p.ctx, cmd.State, cmd.Limit)
		if err != nil {
			return err
		}
		return cmd.print(p, rows)
	})
}

func (cmd mailList) print(p *program, rows []*ent.OutboxMessage) error {
	if cmd.JSON {
		lines := json.NewEncoder(p.out)
		for _, m := range rows {
			line := mailLine{m.ID, string(m.State), m.Letter, m.Recipient, m.CreatedAt.UTC(), utc(m.FinishedAt), m.Attempts, m.LastError}
			if err := lines.Encode(line); err != nil {
				return err
			}
		}
		return nil
	}
	list := [][]string{{"ID", "STATE", "NAME", "TO", "CREATED", "ATTEMPTS", "LAST ERROR"}}
	for _, m := range rows {
		list = append(list, []string{m.ID.String(), string(m.State), m.Letter, m.Recipient, moment(&m.CreatedAt), strconv.Itoa(m.Attempts), text(m.LastError)})
	}
	return table(p.out, list)
}

type mailRetry struct {
	ID        []uuid.UUID `arg:"" optional:"" help:"E-mails that failed, by the ids of mail list."`
	AllFailed bool        `help:"Retry all that failed."`
}

// Run has e-mails tried again by the servers that run.
func (cmd mailRetry) Run(p *program) error {
	if (len(cmd.ID) == 0) != cmd.AllFailed {
		return errors.New("name e-mails by id, or give --all-failed")
	}
	return withOutbox(p, func(o *outbox.Outbox) error {
		n, err := o.Retry(p.ctx, cmd.ID...)
		if err == nil && n < len(cmd.ID) {
			err = fmt.Errorf("%d of %d e-mails are tried again; the others are none that failed", n, len(cmd.ID))
		}
		return say(p, err, "%d e-mails are tried again", n)
	})
}

func withOutbox(p *program, do func(o *outbox.Outbox) error) error {
	return withOpened(p, func(o *opened) error { return do(o.outbox) })
}
