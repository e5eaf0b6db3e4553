package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"duban/account"
	"duban/calendar"
	"duban/obligation"
)

// operation is one route. Its summary and description stand in the catalogue under its id.
type operation struct {
	id     string
	method string
	path   string // below the prefix
	tag    string
	limit  time.Duration // how long an answer may take; 0: queryTimeout
	codes  []Code        // the errors it documents, beside those of every operation

	content map[string]*huma.MediaType // what it answers with, where that is no JSON
	request map[string]*huma.MediaType // what it takes, where that is no JSON
}

// Errors that several operations share.
var (
	codesOfAll      = []Code{CodeValidation, CodeBadEncoding, CodeDatabase, CodeInternal, Code(account.CodeTooMany)}
	codesOfMembers  = []Code{Code(account.CodeUnauthenticated), Code(account.CodeToken), Code(account.CodeForbidden), Code(account.CodeForeign), Code(account.CodeScope)}
	codesOfWrites   = []Code{CodeBodyMissing, CodeBadJSON, CodeCrossOrigin, CodeBodyTooLarge, CodeMediaType, CodeBodyTimeout, CodeEngine}
	codesOfCommands = []Code{
		Code(obligation.CodeNotFound), Code(obligation.CodeClosed), Code(obligation.CodeConflict), Code(obligation.CodeTextTooLong), CodeKeyReused,
		Code(obligation.CodeSuspended),
	}
)

// documented returns every code that an operation may answer with, grouped by status.
func (o operation) documented() map[int][]string {
	codes := slices.Concat(codesOfAll, o.codes)
	if !access[o.id].public {
		codes = append(codes, codesOfMembers...)
	}
	if o.method != http.MethodGet {
		codes = append(codes, codesOfWrites...)
	}
	out := map[int][]string{}
	for _, c := range codes {
		status := statuses[c]
		if !slices.Contains(out[status], string(c)) {
			out[status] = append(out[status], string(c))
		}
	}
	return out
}

// register adds an operation. It is the one place where a handler's error becomes an answer.
func register[I, O any](s *server, o operation, handle func(context.Context, *I) (*O, error)) {
	limit := o.limit
	if limit == 0 {
		limit = queryTimeout
	}
	text := operations[o.id]
	op := huma.Operation{
		OperationID: o.id, Method: o.method, Path: prefix + o.path, Tags: []string{o.tag},
		Summary: text.summary, Description: text.description, DefaultStatus: http.StatusOK,
		Responses: map[string]*huma.Response{}, MaxBodyBytes: -1, // readBody has measured it
	}
	if o.request != nil {
		op.RequestBody = &huma.RequestBody{Required: true, Content: o.request}
	}
	s.gate.add(op.Method, ginPath(op.Path), o.id)
	op.Description += access[o.id].who()
	if access[o.id].public {
		op.Security = []map[string][]string{}
	}
	byStatus := o.documented()
	for status := range byStatus {
		op.Errors = append(op.Errors, status)
	}
	huma.Register(s.huma, op, func(parent context.Context, in *I) (*O, error) {
		ctx, cancel := context.WithTimeout(parent, limit)
		defer cancel()
		out, err := handle(ctx, in)
		if err != nil {
			return nil, s.problemOf(parent, err)
		}
		return out, nil
	})
	for status, codes := range byStatus {
		op.Responses[strconv.Itoa(status)].Description = titles[status] + "（" + strings.Join(codes, "、") + "）"
	}
	op.Responses[strconv.Itoa(http.StatusOK)].Description = textOK
	if o.content != nil {
		op.Responses[strconv.Itoa(http.StatusOK)].Content = o.content
	}
}

// ginPath returns a path as Gin writes it: /plans/:plan for /plans/{plan}.
func ginPath(path string) string { return strings.NewReplacer("{", ":", "}", "").Replace(path) }

// Body wraps what an operation answers with.
type Body[T any] struct {
	Body T
}

func answer[T any](v T) *Body[T] { return &Body[T]{v} }

// list returns what f makes of each value; never nil, so that JSON has [] and not null.
func list[T, U any](values []T, f func(T) U) []U {
	out := make([]U, 0, len(values))
	for _, v := range values {
		out = append(out, f(v))
	}
	return out
}

// in returns the instant in a zone; "none" stays none.
func in(t time.Time, loc *time.Location) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(loc)
}

// filled returns the list itself, or an empty one in place of none.
func filled[T any](values []T) []T {
	if values == nil {
		return []T{}
	}
	return values
}

func notFound() error { return &obligation.Error{Code: obligation.CodeNotFound} }

// paged turns "not found" of a list into what it means: the cursor is not one that the store gave.
func paged(err error, cursor string) error {
	if cursor != "" && obligation.IsNotFound(err) {
		return invalid("query.cursor", textCursor)
	}
	return err
}

// date reads a date whose form the schema has checked; the empty text is "none".
func date(field, text string) (calendar.Date, error) {
	if text == "" {
		return 0, nil
	}
	d, err := calendar.ParseDate(text)
	if err != nil {
		return 0, invalid(field, textDate)
	}
	return d, nil
}

// instant reads an RFC 3339 instant whose form the schema has checked.
func instant(field, text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, invalid(field, textDateTime)
	}
	return t, nil
}
