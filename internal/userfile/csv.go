package userfile

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/authgraph/authgraph/internal/strictjson"
)

// columns are what the header line may name, each once.
var columns = []string{
	"id", "email", "username", "confirmed", "confirmedAt", "disabled", "disabledAt", "createdAt", "roles", "locale", "profile", "passwordHash", "secondFactor",
}

// table reads CSV (RFC 4180) whose first line names the columns.
type table struct {
	csv    *csv.Reader
	budget *budget
	header []string
	line   int // where the last record begins
}

// budget ends reading when one record takes too much: a quotation mark that is
// never closed would take the rest of the file into memory.
type budget struct {
	in   io.Reader
	left int
}

func (b *budget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLong
	}
	n, err := b.in.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

func newTable(in *bufio.Reader) *table {
	b := &budget{in: in}
	t := &table{csv: csv.NewReader(b), budget: b}
	t.csv.ReuseRecord = true
	return t
}

func (t *table) next() (User, error) {
	if t.header == nil {
		record, err := t.record()
		if err != nil {
			return User{}, err
		}
		t.header = slices.Clone(record)
		for i, name := range t.header {
			if !slices.Contains(columns, name) || slices.Contains(t.header[:i], name) {
				return User{}, fmt.Errorf("column %d of the first line has a name that is not known, or that comes twice; these are: %s", i+1, strings.Join(columns, ", "))
			}
		}
	}
	record, err := t.record()
	if err != nil {
		return User{}, err
	}
	u, err := t.user(record)
	if err != nil {
		return User{}, &LineError{t.line, err}
	}
	u.Line = t.line
	return u, nil
}

func (t *table) record() ([]string, error) {
	t.budget.left = maxAccount
	record, err := t.csv.Read()
	wrong := (*csv.ParseError)(nil)
	switch {
	case errors.Is(err, errLong):
		return nil, fmt.Errorf("after line %d: a record is longer than %d bytes, perhaps because a quotation mark is never closed", t.line, maxAccount)
	case errors.As(err, &wrong) && t.header != nil:
		return nil, &LineError{wrong.StartLine, wrong.Err}
	}
	if err == nil {
		t.line, _ = t.csv.FieldPos(0)
	}
	return record, err
}

func (t *table) user(record []string) (u User, err error) {
	cells := map[string]string{}
	for i, cell := range record {
		if !utf8.ValidString(cell) || strings.ContainsRune(cell, 0) {
			return u, fmt.Errorf("%s is not UTF-8, or has a zero byte", t.header[i])
		}
		cells[t.header[i]] = cell
	}
	u = User{ID: cells["id"], Email: cells["email"], Username: cells["username"], Locale: cells["locale"]}
	u.Roles = strings.FieldsFunc(cells["roles"], func(r rune) bool { return r == ' ' || r == ',' || r == ';' })
	var errs [9]error
	u.Confirmed, errs[0] = flagCell(cells, "confirmed")
	u.ConfirmedAt, errs[1] = momentCell(cells, "confirmedAt")
	u.Disabled, errs[2] = flagCell(cells, "disabled")
	u.DisabledAt, errs[3] = momentCell(cells, "disabledAt")
	u.CreatedAt, errs[4] = momentCell(cells, "createdAt")
	u.SecondFactor, errs[5] = flagCell(cells, "secondFactor")
	u.Hash, errs[6] = hashCell(cells["passwordHash"])
	if cell := cells["profile"]; cell != "" {
		if u.Profile, errs[7] = strictjson.ParseObject([]byte(cell), maxDepth); errs[7] != nil {
			errs[7] = errors.New("profile must be an object of JSON")
		}
	}
	errs[8] = u.agree(flagOrNil(cells["confirmed"], u.Confirmed), flagOrNil(cells["disabled"], u.Disabled))
	for _, err := range errs {
		if err != nil {
			return User{}, err
		}
	}
	return u, nil
}

func flagOrNil(cell string, value bool) any {
	if cell == "" {
		return nil
	}
	return value
}

func flagCell(cells map[string]string, name string) (bool, error) {
	cell := strings.ToLower(cells[name])
	if cell == "" {
		return false, nil
	}
	b, err := strconv.ParseBool(cell)
	if err != nil {
		return false, fmt.Errorf("%s must be true or false", name)
	}
	return b, nil
}

func momentCell(cells map[string]string, name string) (time.Time, error) {
	if cells[name] == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, cells[name])
	if err != nil {
		return t, fmt.Errorf("%s must be a time as in RFC 3339, such as 2026-01-31T12:00:00Z", name)
	}
	return t, nil
}
