package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
)

// Workflows show what the engine keeps, for whoever tries another build on it. Errors are the engine's.
type Workflows interface {
	// OpenWorkflows returns the workflows that run, a page at a time: no cursor begins, and none returned ends.
	OpenWorkflows(ctx context.Context, cursor []byte) (open []OpenWorkflow, next []byte, err error)
}

type (
	// OpenWorkflowsInput asks for a page.
	OpenWorkflowsInput struct {
		Cursor string `query:"cursor" maxLength:"8192" doc:"上一页给出的 next"`
	}

	// OpenWorkflows is a page of workflows that run.
	OpenWorkflows struct {
		Workflows []OpenWorkflow `json:"workflows" doc:"正在运行的流程"`
		Next      string         `json:"next,omitempty" doc:"下一页的 cursor；没有则到此为止"`
	}

	// OpenWorkflow is what the engine has recorded of a workflow's last run.
	OpenWorkflow struct {
		Workflow string          `json:"workflow" doc:"流程编号，如 plan/changning-2024"`
		Run      string          `json:"run" doc:"运行编号"`
		History  json.RawMessage `json:"history" doc:"Temporal 的历史（JSON），载荷仍是加密的"`
	}
)

func (s *server) registerWorkflows() {
	register(s, operation{
		id: "list-open-workflows", method: http.MethodGet, path: "/workflows", tag: tagHealth, limit: s.CommandTimeout, codes: []Code{CodeEngine},
	}, s.listOpenWorkflows)
}

func (s *server) listOpenWorkflows(ctx context.Context, in *OpenWorkflowsInput) (*Body[OpenWorkflows], error) {
	cursor, err := base64.RawURLEncoding.DecodeString(in.Cursor)
	if err != nil {
		return nil, invalid("query.cursor", textCursor)
	}
	open, next, err := s.Workflows.OpenWorkflows(ctx, cursor)
	if err != nil {
		return nil, engine(err)
	}
	return answer(OpenWorkflows{filled(open), base64.RawURLEncoding.EncodeToString(next)}), nil
}
