package notify

import (
	_ "embed"
	"html/template"
	"slices"
	"strings"
	"unicode"

	"duban/calendar"
	"duban/obligation"
)

// Render returns the subject and the two bodies of a digest's mail, grouped by what the reader is to do, the most
// pressing first. The subject is a single line.
func Render(d obligation.Digest) (subject, text, html string) {
	v := viewOf(d)
	return v.subject(), v.text(), v.html()
}

// view is a digest in the order it is read in, every text made harmless for mail.
type view struct {
	Labels labels
	Day    string // "2024年6月30日", empty where the digest has no day
	Short  string // "6月30日"
	Count  int
	Urgent bool
	Groups []group
}

// group is the notices of one kind.
type group struct {
	Name  string
	Items []item
}

type item struct {
	Title string
	Lines []string
	Why   []string
	Ref   string
}

func viewOf(d obligation.Digest) view {
	v := view{Labels: mailLabels, Day: d.Day.Chinese(), Short: shortDay(d.Day), Count: len(d.Messages)}
	found := map[heading][]item{}
	for _, m := range d.Messages {
		h := headingOf(m.Notice)
		found[h] = append(found[h], item{
			Title: line(m.Notice.Title),
			Lines: lines(m.Notice.Text),
			Why:   lines(m.Notice.Why),
			Ref:   line(m.About()),
		})
		v.Urgent = v.Urgent || m.Notice.Urgent
	}
	for h := range headings {
		if items := found[heading(h)]; len(items) > 0 {
			v.Groups = append(v.Groups, group{headings[h], items})
		}
	}
	return v
}

func shortDay(d calendar.Date) string {
	_, short, _ := strings.Cut(d.Chinese(), "年")
	return short
}

// heading is one of the groups, in the order they stand in a mail.
type heading int

const (
	headOverdue heading = iota
	headDocument
	headReturned
	headExtension
	headNudge
	headPress
	headRemind
	headOpened
	headRearmed
	headDraft
	headReview
	headAccepted
	headOther
)

// headingOf finds the group of a notice. What a later release tells about goes under "other" rather than nowhere.
func headingOf(n obligation.Notice) heading {
	switch n.Kind {
	case obligation.Overdue:
		return headOverdue
	case obligation.Issued:
		return headDocument
	case obligation.Returned, obligation.ReviewFailed:
		return headReturned
	case obligation.Extended, obligation.ExtensionRefused:
		return headExtension
	case obligation.Nudged:
		return headNudge
	case obligation.Reminded:
		switch {
		case n.To == obligation.ToOffice, n.To == obligation.ToReviewer:
			return headReview
		case n.Rung == obligation.Press:
			return headPress
		}
		return headRemind
	case obligation.Opened:
		if n.To == obligation.ToOffice {
			return headReview
		}
		return headOpened
	case obligation.Rearmed, obligation.Suspended, obligation.Resumed, obligation.SendBackRefused, obligation.HandedOver, obligation.PartMoved,
		obligation.Supervised, obligation.Regraded:
		return headRearmed
	case obligation.Drafted:
		return headDraft
	case obligation.Submitted, obligation.ExtensionAsked, obligation.SentBack, obligation.Progressed, obligation.Rectified,
		obligation.ReviewPassed:
		return headReview
	case obligation.InterviewMoved, obligation.InterviewHeld:
		return headDocument
	case obligation.RectificationReturned:
		return headReturned
	case obligation.Accepted, obligation.Waived, obligation.Promoted, obligation.RectificationVerified, obligation.RectificationWaived:
		return headAccepted
	case obligation.Recorded, obligation.Withdrawn, obligation.Signed, obligation.Delegated, obligation.DelegationEnded,
		obligation.BrokenDown, obligation.InspectionPlanned, obligation.InspectionRecorded, obligation.FindingsAdded:
	}
	return headOther
}

// maxTitle is how much of a title stands in the subject, in characters. Phones show about as many.
const maxTitle = 40

func (v view) subject() string {
	prefix := textSubject
	if v.Urgent {
		prefix = textSubjectUrgent
	}
	if v.Count == 1 {
		g := v.Groups[0]
		return prefix + g.Name + "：" + shorten(g.Items[0].Title, maxTitle)
	}
	return prefix + textCounts(v.Short, v.Groups)
}

func (v view) text() string {
	var b strings.Builder
	b.WriteString(v.Labels.Greeting + textIntro(v.Day, v.Count) + "\n")
	for i, g := range v.Groups {
		b.WriteString("\n" + textGroup(i, g) + "\n")
		for j, it := range g.Items {
			b.WriteString("\n" + textItem(j, it.Title) + "\n")
			// Indented, so that no line of a reason can pass for a heading.
			for _, l := range slices.Concat(it.Lines, it.Why, []string{v.Labels.Ref + it.Ref}) {
				b.WriteString("    " + l + "\n")
			}
		}
	}
	b.WriteString("\n--\n" + v.Labels.Footer + "\n")
	return b.String()
}

//go:embed digest.html
var digestHTML string

var htmlTemplate = template.Must(template.New("digest").Funcs(template.FuncMap{
	"intro": textIntro, "group": textGroup,
}).Parse(digestHTML))

func (v view) html() string {
	var b strings.Builder
	if err := htmlTemplate.Execute(&b, v); err != nil {
		// The template and its data are both fixed at build time, and a builder takes all that is written to it.
		panic("notify: digest.html: " + err.Error())
	}
	return b.String()
}

// line makes s a single line that looks like what it is: no line breaks, control characters, or marks that turn the
// direction of what follows.
func line(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)), " ")
}

// lines keeps the paragraphs of what a person wrote.
func lines(s string) []string {
	var kept []string
	for l := range strings.SplitSeq(strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(s), "\n") {
		if l = line(l); l != "" {
			kept = append(kept, l)
		}
	}
	return kept
}

// shorten cuts s to n characters, an ellipsis included.
func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
