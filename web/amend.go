package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"duban/account"
	"duban/api"
)

// What changes a plan is shown before it is done: a form is first looked at, then confirmed with a reason, or taken up again.
const (
	fieldStep   = "step"
	fieldReason = "reason"

	stepEdit = "edit"
	stepMake = "make"
)

// amendment is a change of a plan on its way through the pages.
type amendment struct {
	Title string
	Path  string // where its form is sent
	Back  string // where it leads once it is made
	Body  api.ChangesBody
	Rows  []difference
}

// difference is one thing that becomes otherwise.
type difference struct{ What, Before, After string }

// amends reports whether the caller is offered to change units and calendars.
func amends(who account.Caller) bool { return slices.Contains(seeders.roles, who.Role) }

// amend takes a form one step on; again shows the form itself.
func (s *server) amend(c *gin.Context, f frame, a amendment, again func(f frame)) {
	changes := at("plans", f.Plan.Code, "changes")
	switch c.PostForm(fieldStep) {
	case stepEdit:
		again(f.again(c))
		return
	case stepMake:
		_, err := send[api.ChangesMade](s, c, http.MethodPost, changes, api.MakeChangesBody{ChangesBody: a.Body, Reason: c.PostForm(fieldReason)})
		if err == nil {
			done(c, a.Back, "amended")
			return
		}
		f = s.with(c, f, err)
	}
	preview, err := sendAs[api.ChangesPreview](s, c, http.MethodPost, changes+"/preview?effectsLimit="+strconv.Itoa(effectsPerPage), a.Body, "")
	if err != nil {
		f = s.with(c, f, err)
		again(f)
		return
	}
	f.Title = a.Title
	s.render(c, statusOf(f), amendPage(f, a, preview, f.form(c.PostForm(fieldForm), 0), carried(c.Request.PostForm)))
}

// carried are the fields of a form that go through its confirmation.
func carried(form url.Values) []field {
	own := []string{fieldForm, fieldKey, fieldSeq, fieldStep, fieldReason}
	return slices.DeleteFunc(kept{Form: form.Encode()}.fields(), func(f field) bool { return slices.Contains(own, f.name) })
}
