package web

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"duban/api"
	"duban/obligation"
)

// acts says, by the verb that a form is posted to, how what was typed becomes what the API is asked. The form of a verb has
// its name, and so has the notice of what was done.
var acts = map[string]func(c *gin.Context) any{
	"accept":           note,
	"return":           func(c *gin.Context) any { return api.ReturnBody{Reason: typed(c, "reason"), Due: typed(c, "due")} },
	"nudge":            note,
	"waive":            reason,
	"suspend":          reason,
	"resume":           reason,
	"refuse-send-back": reason,
	"grant-extension":  func(c *gin.Context) any { return api.GrantExtensionBody{Due: typed(c, "due"), Text: typed(c, "text")} },
	"refuse-extension": func(c *gin.Context) any { return api.RefuseExtensionBody{Reason: typed(c, "reason")} },
	"skip": func(c *gin.Context) any {
		return api.SkipBody{Rung: obligation.Rung(typed(c, "rung")), Reason: typed(c, "reason")}
	},
	"hand-over": handOver,
}

func note(c *gin.Context) any { return api.NoteBody{Text: typed(c, "text")} }

func reason(c *gin.Context) any { return api.ReasonBody{Reason: typed(c, "reason")} }

func handOver(c *gin.Context) any {
	body := api.HandOverBody{To: api.Person{Name: typed(c, "to")}, Reason: typed(c, "reason")}
	if from := typed(c, "from"); from != "" {
		body.From = &api.Person{Name: from}
	}
	return body
}

// typed returns what was typed into a field, without the space around it.
func typed(c *gin.Context, field string) string { return strings.TrimSpace(c.PostForm(field)) }

// act has the API carry out the command of a form, and shows the obligation as it is then. Where it is refused the page comes
// again with what was typed, as of now.
func (s *server) act(c *gin.Context) {
	verb := c.Param("verb")
	body, ok := acts[verb]
	if !ok {
		s.lost(c)
		return
	}
	f, ok := s.planFrame(c, "", menuObligations)
	if !ok {
		return
	}
	if _, err := send[api.Event](s, c, http.MethodPost, "/obligations"+at(append(oneOf(c), verb)...), body(c)); err != nil {
		f = s.with(c, f, err)
		if f.refused.Code == api.Code(obligation.CodeConflict) {
			f.Refusal = textConflict
		}
		s.showObligation(c, f.refused.Status, f)
		return
	}
	done(c, plansPath(c.Param("plan"), append([]string{"obligations"}, oneOf(c)[1:]...)...), verb)
}
