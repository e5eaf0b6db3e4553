// Package api is duban's JSON API under /api/v1, with its OpenAPI 3.1 description at /api/openapi.json and a page that
// shows it, without any other host, at /api/docs. It holds no rule: it asks the store and hands people's commands on.
//
// Who may call what is one table (access). Nothing is open that is not in it.
package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"duban/obligation"
)

// prefix of all operations.
const prefix = "/api/v1"

// Time limits where Deps names none. queryTimeout is for answers from the database alone.
const (
	defaultCommandTimeout = 15 * time.Second
	defaultSeedTimeout    = 2 * time.Minute
	queryTimeout          = 10 * time.Second
)

type server struct {
	Deps
	huma  huma.API
	gate  *gate
	slots *slots // of uploads

	figures *figures
}

// New returns the handler of the whole API.
func New(d Deps) *gin.Engine {
	adopt()
	if d.Log == nil {
		d.Log = slog.Default()
	}
	if d.CommandTimeout == 0 {
		d.CommandTimeout = defaultCommandTimeout
	}
	if d.SeedTimeout == 0 {
		d.SeedTimeout = defaultSeedTimeout
	}
	if d.WorkflowURL == nil {
		d.WorkflowURL = func(obligation.ID) string { return "" }
	}
	s := &server{Deps: d, figures: newFigures()}
	s.gate = &gate{rules: map[string]rule{}, identify: d.Identify, problem: s.problemOf}
	r := newRouter(d, s.gate)
	s.huma = humagin.New(r, configuration(d.Version))
	s.registerAccounts()
	s.registerFeeds()
	s.registerPlans()
	s.registerWall()
	s.registerOverview()
	s.registerMatrix()
	s.registerStatistics()
	s.registerMonthly()
	s.registerUnits()
	s.registerCalendar()
	s.registerObligations()
	s.registerExport()
	s.registerInspections()
	s.registerWhatIf()
	s.registerDocuments()
	s.registerAssessments()
	s.registerHazards()
	if s.Letters != nil {
		s.registerLetters()
		s.registerProgressReport()
	}
	if s.Dossiers != nil {
		s.registerDossiers()
	}
	if s.Evidence != nil {
		s.registerEvidence()
	}
	if s.Changes != nil {
		s.registerChanges()
	}
	if s.Lists != nil {
		s.registerLists()
	}
	s.registerInbox()
	s.registerDeliveries()
	s.registerStuck()
	s.registerChannels()
	s.registerHealth()
	if s.Workflows != nil {
		s.registerWorkflows()
	}
	if s.Doctor != nil {
		s.registerDoctor()
	}
	if s.Training != nil {
		s.registerTraining()
	}
	if s.UI != nil {
		s.registerUI(r)
	}
	// Built once: nothing is registered later.
	description, err := json.Marshal(s.huma.OpenAPI())
	if err != nil {
		panic(err)
	}
	registerDocs(r, s.gate, description)
	return r
}

func newRouter(d Deps, g *gate) *gin.Engine {
	r := gin.New()
	r.RedirectTrailingSlash = false
	r.HandleMethodNotAllowed = true
	if err := r.SetTrustedProxies(d.Proxies); err != nil {
		panic(err) // the settings have been checked
	}
	r.Use(identify)
	if d.Observe != nil {
		r.Use(d.Observe)
	}
	r.Use(accessLog(d.Log), survive(d.Log), harden(d.Rehearsal, d.Encrypted), sameOrigin(d.Origins), wellFormed, g.admit, newLimits(d.Rate).hold, readBody(d.Log))
	r.NoRoute(func(c *gin.Context) { abort(c, newProblem(CodeRouteNotFound)) })
	r.NoMethod(func(c *gin.Context) { abort(c, newProblem(CodeMethodNotAllowed)) })
	return r
}

func configuration(version string) huma.Config {
	c := huma.DefaultConfig(textTitle, version)
	c.Info.Description = textDescription
	c.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	c.Tags = tags
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: "duban", Description: textSession},
		"token":   {Type: "http", Scheme: "bearer", Description: textToken},
	}
	c.Security = []map[string][]string{{"session": {}}, {"token": {}}}
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.CreateHooks = nil // they would put $schema links into every answer
	c.RejectUnknownQueryParameters = true
	return c
}

// zone returns the zone that a plan's instants are shown in.
func (s *server) zone(ctx context.Context, plan string) (*time.Location, error) {
	d, err := s.Reader.Definition(ctx, plan)
	if err != nil {
		return nil, err
	}
	return obligation.Location(d.Plan.Zone), nil
}
