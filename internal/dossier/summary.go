package dossier

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"duban/obligation"
)

// summary says in Chinese what the dossier holds, for people who open it. It begins with the mark by which every editor
// knows the encoding.
func summary(d obligation.Dossier, o Options, evidence []exhibit) string {
	s := d.State
	loc := s.Policy.Location()
	moment := func(t time.Time) string { return t.In(loc).Format("2006-01-02 15:04") }
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	b.WriteString("\ufeff")
	line(textTitle, s.UnitName, flat(s.Title))
	line("")
	line(textBasis, o.Definition.Plan.Title, s.Task, flat(s.Quote))
	line(textDue, s.Due.Chinese(), s.Period, s.Stage.Chinese())
	line(textExported, moment(o.Exported), o.Program)
	line("")
	line(textLedger, len(d.Entries))
	for _, entry := range d.Entries {
		e, err := obligation.ReadEvent(entry.Event, func(string) (obligation.Policy, error) { return obligation.Policy{}, nil })
		if err != nil {
			continue // the ledger itself is in the dossier
		}
		line(textEntry, e.Seq, moment(e.At), cmp.Or(e.By.Name, roles[e.By.Role]), what(e))
	}
	line("")
	line(textDocuments, len(d.Documents))
	for _, doc := range d.Documents {
		line(textDocument, doc.Rung.Chinese(), cmp.Or(doc.Number, textNoNumber), flat(doc.Title), statuses[doc.Status])
	}
	line("")
	line(textNotices, len(d.Told))
	if o.Evidence != nil {
		line(textExhibits, len(evidence))
	} else {
		line(textExhibitsApart, len(evidence))
	}
	for _, x := range evidence {
		line(textExhibit, x.Seq, x.Name, x.Size, x.SHA256)
	}
	line("")
	line(textProve)
	return b.String()
}

// what says in one line what happened.
func what(e obligation.Event) string {
	said := []string{e.Kind.Chinese()}
	if e.Rung != "" {
		said[0] += "·" + e.Rung.Chinese()
	}
	for _, more := range []string{e.Number, flat(e.Text), flat(e.Demands)} {
		if more != "" {
			said = append(said, more)
		}
	}
	return strings.Join(said, "　")
}

func flat(text string) string { return strings.Join(strings.Fields(text), " ") }
