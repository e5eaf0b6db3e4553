package api

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/danielgtaylor/huma/v2"

	"duban/account"
	"duban/calendar"
	"duban/obligation"
)

// Feed is a calendar feed, without its secret.
type Feed struct {
	ID      string    `json:"id" doc:"编号"`
	Created time.Time `json:"created" doc:"开通时间"`
	Revoked time.Time `json:"revoked,omitzero" doc:"停止时间；没有停止则不出现"`
}

// FeedList is every feed of an account.
type FeedList struct {
	Feeds []Feed `json:"feeds" doc:"日历订阅，新的在前"`
}

// IssuedFeed is a new feed.
type IssuedFeed struct {
	Feed
	Path string `json:"path" doc:"订阅地址：接在本系统的地址之后；只显示这一次，知道它的人都能看到到期日"`
}

// FeedPath addresses one's own feed.
type FeedPath struct {
	ID string `path:"id" maxLength:"64" doc:"订阅编号"`
}

// ReadFeedInput asks for a calendar. Who has the secret need not log in.
type ReadFeedInput struct {
	Secret string `path:"secret" maxLength:"200" doc:"订阅地址中的密钥"`

	host string
}

// Resolve implements huma.Resolver.
func (in *ReadFeedInput) Resolve(ctx huma.Context) []error {
	in.host = ctx.Host()
	return nil
}

// feedRoute is the one whose address is a secret: it must not be logged.
const feedRoute = "/feeds/{secret}/calendar.ics"

const (
	calendarType = "text/calendar; charset=utf-8"
	feedPast     = 90     // days that a calendar goes back
	maxFeed      = 10_000 // events of a plan
)

func (s *server) registerFeeds() {
	op := func(id, method, path string, codes ...account.Code) operation {
		return operation{id: id, method: method, path: path, tag: tagAccounts, codes: accountCodes(codes...)}
	}
	register(s, op("list-feeds", http.MethodGet, "/me/feeds"), s.listFeeds)
	register(s, op("issue-feed", http.MethodPost, "/me/feeds", account.CodeOnlyPerson), s.issueFeed)
	register(s, op("revoke-feed", http.MethodDelete, "/me/feeds/{id}", account.CodeNotFound), s.revokeFeed)
	read := op("read-feed", http.MethodGet, feedRoute, account.CodeNotFound)
	read.limit = exportTimeout
	read.content = map[string]*huma.MediaType{calendarType: {Schema: &huma.Schema{Type: huma.TypeString}}}
	register(s, read, s.readFeed)
}

func showFeed(f account.Feed) Feed { return Feed{f.ID, f.Created, f.Revoked} }

func (s *server) listFeeds(ctx context.Context, _ *struct{}) (*Body[FeedList], error) {
	feeds, err := s.Accounts.Feeds(ctx, caller(ctx).Login)
	if err != nil {
		return nil, err
	}
	return answer(FeedList{list(feeds, showFeed)}), nil
}

func (s *server) issueFeed(ctx context.Context, _ *struct{}) (*Body[IssuedFeed], error) {
	f, secret, err := s.Accounts.IssueFeed(ctx, caller(ctx), remote(ctx))
	if err != nil {
		return nil, err
	}
	return answer(IssuedFeed{showFeed(f), prefix + strings.Replace(feedRoute, "{secret}", secret, 1)}), nil
}

func (s *server) revokeFeed(ctx context.Context, in *FeedPath) (*Body[Done], error) {
	return done(), s.Accounts.RevokeFeed(ctx, caller(ctx), in.ID, remote(ctx))
}

func (s *server) readFeed(ctx context.Context, in *ReadFeedInput) (*FileOutput, error) {
	who, err := s.Accounts.FeedOwner(ctx, in.Secret)
	if err != nil {
		return nil, err
	}
	definitions, err := s.Reader.Definitions(ctx)
	if err != nil {
		return nil, err
	}
	cal := ics.NewCalendar()
	cal.SetProductId("-//duban//duban//ZH")
	cal.SetXWRCalName(textCalendarName)
	cal.SetXPublishedTTL("PT1H")
	for _, d := range definitions {
		if err := s.fillCalendar(ctx, cal, d, who, s.origin(in.host)); err != nil {
			return nil, err
		}
	}
	var out bytes.Buffer
	if err := cal.SerializeTo(&out, ics.WithNewLineWindows); err != nil {
		return nil, err
	}
	return &FileOutput{Type: calendarType, Disposition: disposition("duban.ics", textCalendarName+".ics"), Body: out.Bytes()}, nil
}

// fillCalendar adds the due dates of a plan that the owner of a feed may see.
func (s *server) fillCalendar(ctx context.Context, cal *ics.Calendar, d obligation.Definition, who account.Caller, origin string) error {
	now := s.Now()
	f := obligation.Filter{
		Plan: d.Plan.Code, Now: now, Limit: exportPage, DueFrom: calendar.DateOf(now, obligation.Location(d.Plan.Zone)).AddDays(-feedPast),
	}
	if who.Role == account.Unit {
		f.Units = []string{who.Unit}
	}
	for n := 0; n < maxFeed; {
		page, err := s.Reader.List(ctx, f)
		if err != nil {
			return err
		}
		for _, v := range page.Views {
			addDue(cal, showObligation(v, now), origin)
			n++
		}
		if f.After = page.Next; page.Next == "" {
			return nil
		}
	}
	return nil
}

// addDue adds a whole day, which is the same in every zone.
func addDue(cal *ics.Calendar, o Obligation, origin string) {
	id := obligation.ID{Plan: o.Plan, Measure: o.Measure, Unit: o.Unit, Period: o.Period}
	e := cal.AddEvent(id.String() + "@duban")
	day := o.Due.At(0, time.UTC)
	e.SetDtStampTime(o.Updated)
	e.SetAllDayStartAt(day)
	e.SetAllDayEndAt(day.AddDate(0, 0, 1))
	e.SetSequence(o.Seq)
	e.SetSummary(fmt.Sprintf(textEventTitle, o.LightLabel, o.Title, o.UnitName))
	e.SetDescription(fmt.Sprintf(textEventAbout, o.StageLabel, o.LightLabel, o.UnitName, o.PeriodLabel, o.Measure))
	e.SetURL(origin + "/plans/" + strings.Join([]string{
		url.PathEscape(o.Plan), "obligations", url.PathEscape(o.Measure), url.PathEscape(o.Unit), url.PathEscape(o.Period),
	}, "/"))
	e.SetTimeTransparency(ics.TransparencyTransparent) // nobody is busy because something is due
	e.SetStatus(ics.ObjectStatusConfirmed)
	if o.Stage == obligation.StageWaived {
		e.SetStatus(ics.ObjectStatusCancelled)
	}
}

// origin is where the pages are: as the installation knows it itself, or else as it was asked.
func (s *server) origin(host string) string {
	switch {
	case len(s.Origins) > 0:
		return s.Origins[0]
	case s.Encrypted:
		return "https://" + host
	default:
		return "http://" + host
	}
}

// loggable returns the path of a request as it may stand in a log: without what is a secret.
func loggable(route, path string) string {
	if route == ginPath(prefix+feedRoute) || strings.HasPrefix(path, prefix+"/feeds/") {
		return prefix + "/feeds/…"
	}
	return path
}
