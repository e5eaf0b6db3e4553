package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"duban/account"
	"duban/api"
	"duban/obligation"
)

// inboxRows is how many digests a page of an inbox shows.
const inboxRows = 20

func (s *server) registerInbox(p routes) {
	p.get("/plans/:plan/inbox", s.inbox)
	p.post("/plans/:plan/inbox/read", s.readDigest)
}

// inboxOf returns where the API has the inbox of a recipient.
func inboxOf(plan, recipient string) string { return "/plans" + at(plan) + "/inbox" + at(recipient) }

// recipient returns whose inbox somebody reads: his unit's, or the office's.
func recipient(who account.Caller) string {
	if who.Role == account.Unit {
		return who.Unit
	}
	return string(obligation.ToOffice)
}

// inboxView is one page of an inbox.
type inboxView struct {
	api.InboxPage
	Unread bool   // only what is unread is shown
	Open   string // the digest that the address names
	First  bool   // page
}

func (s *server) inbox(c *gin.Context) {
	if f, ok := s.planFrame(c, textInbox, menuInbox); ok {
		s.showInbox(c, http.StatusOK, f)
	}
}

func (s *server) showInbox(c *gin.Context, status int, f frame) {
	v := inboxView{Unread: c.Query("unread") != "", Open: c.Query("digest"), First: c.Query("cursor") == ""}
	query := url.Values{"limit": {strconv.Itoa(inboxRows)}}
	if v.Unread {
		query.Set("unread", "true")
	}
	if !v.First {
		query.Set("cursor", c.Query("cursor"))
	}
	var err error
	if v.InboxPage, err = get[api.InboxPage](s, c, inboxOf(f.Plan.Code, recipient(f.Who)), query); err != nil {
		s.fail(c, f, err)
		return
	}
	s.render(c, status, inboxPage(f, v))
}

// readDigest marks a digest as read. Asked by the script of the page it answers with the mark alone.
func (s *server) readDigest(c *gin.Context) {
	f, ok := s.planFrame(c, textInbox, menuInbox)
	if !ok {
		return
	}
	body := api.ReadBody{Digest: c.PostForm("digest")}
	g, err := send[api.Digest](s, c, http.MethodPost, inboxOf(f.Plan.Code, recipient(f.Who))+"/read", body)
	switch part := c.GetHeader("HX-Request") != ""; {
	case err != nil && part:
		c.Status(s.problem(c, err).Status)
	case err != nil:
		f = s.with(c, f, err)
		s.showInbox(c, f.refused.Status, f)
	case part:
		s.render(c, http.StatusOK, readMark(g))
	default:
		done(c, inboxPath(f.Plan.Code, g.ID, false), "read")
	}
}

// inboxPath returns the address of the inbox, or of what is unread in it, with one of its digests opened.
func inboxPath(plan, digest string, unread bool) string {
	q := url.Values{"digest": {digest}}
	if unread {
		q.Set("unread", "1")
	}
	return plansPath(plan, "inbox") + "?" + q.Encode()
}

func digestUrgent(g api.Digest) bool {
	return slices.ContainsFunc(g.Messages, func(m api.Message) bool { return m.Urgent })
}

// gistTitles is how many titles stand for a digest.
const gistTitles = 3

// digestGist returns what a digest is about, in a line.
func digestGist(g api.Digest) string {
	var titles []string
	for _, m := range g.Messages {
		if t := m.KindLabel + "：" + m.Title; len(titles) < gistTitles && !slices.Contains(titles, t) {
			titles = append(titles, t)
		}
	}
	return strings.Join(titles, "；")
}
