package web

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"duban/api"
)

func (s *server) registerChannels(p routes) {
	p.get("/channels", s.channels)
	p.post("/channels/:channel/test", s.testChannel)
}

// channelsView is what the page of the channels shows.
type channelsView struct {
	api.ChannelList
	Tested     string // the channel of Test
	Test       api.ChannelTest
	Deliveries api.DeliveryPage // failed and unknown ones of the plan
	Older      bool
}

func (s *server) channels(c *gin.Context) {
	s.showChannels(c, s.channelsFrame(c), channelsView{})
}

// channelsFrame takes the plan whose deliveries are shown from the address.
func (s *server) channelsFrame(c *gin.Context) frame {
	f := s.frame(c, textChannels, menuChannels)
	f.choose(c.Query("plan"))
	f.Menu = s.menu(f)
	return f
}

func (s *server) showChannels(c *gin.Context, f frame, v channelsView) {
	var err error
	if v.ChannelList, err = get[api.ChannelList](s, c, "/channels", nil); err != nil {
		s.fail(c, f, err)
		return
	}
	if f.Plan.Code != "" {
		query := url.Values{"status": {"failed,unknown"}}
		if cursor := c.Query("cursor"); cursor != "" {
			query.Set("cursor", cursor)
			v.Older = true
		}
		if v.Deliveries, err = get[api.DeliveryPage](s, c, at("plans", f.Plan.Code, "deliveries"), query); err != nil {
			s.fail(c, f, err)
			return
		}
	}
	s.render(c, statusOf(f), channelsPage(f, v))
}

// testChannel sends a test message and shows what became of it.
func (s *server) testChannel(c *gin.Context) {
	f, v := s.channelsFrame(c), channelsView{Tested: c.Param("channel")}
	var err error
	v.Test, err = send[api.ChannelTest](s, c, http.MethodPost, at("channels", v.Tested, "test"), api.ChannelTestBody{To: c.PostForm("to")})
	if err != nil {
		f = s.with(c, f, err)
	} else {
		f = f.again(c)
	}
	s.showChannels(c, f, v)
}
