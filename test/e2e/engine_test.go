package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/proto"
)

// The engine answers nobody but duban, so tests ask it as people do: through Temporal's pages on duban's own address.

// askEngine reads an answer of the engine's API about the namespace.
func (p *process) askEngine(path string, query url.Values, answer proto.Message) {
	p.t.Helper()
	address := strings.TrimSuffix(p.api, "/api/v1") + "/temporal/api/v1/namespaces/" + p.namespace + path + "?" + query.Encode()
	var status int
	var body []byte
	await(p.t, "the bound of requests lets one more through", func() bool {
		request, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, address, nil)
		require.NoError(p.t, err)
		request.Header.Set("Authorization", "Bearer "+p.operator()) // good without the database too
		response, err := http.DefaultClient.Do(request)
		require.NoError(p.t, err)
		defer response.Body.Close()
		body, err = io.ReadAll(response.Body)
		require.NoError(p.t, err)
		status = response.StatusCode
		return status != http.StatusTooManyRequests
	})
	require.Equal(p.t, http.StatusOK, status, "%s: %s", address, body)
	require.NoError(p.t, temporalproto.CustomJSONUnmarshalOptions{}.Unmarshal(body, answer))
}

// openWorkflows counts the running workflows of obligations, as the engine has them.
func (p *process) openWorkflows(plan string) int {
	p.t.Helper()
	return p.countWorkflows(fmt.Sprintf("WorkflowType='ObligationWorkflow' AND ExecutionStatus='Running' AND DubanPlan='%s'", plan))
}

func (p *process) countWorkflows(query string) int {
	p.t.Helper()
	var answer workflowservice.CountWorkflowExecutionsResponse
	p.askEngine("/workflow-count", url.Values{"query": {query}}, &answer)
	return int(answer.GetCount())
}

// history returns a workflow's history as far as it goes.
func (p *process) history(id string) *historypb.History {
	p.t.Helper()
	history, query := &historypb.History{}, url.Values{}
	for {
		var answer workflowservice.GetWorkflowExecutionHistoryResponse
		p.askEngine("/workflows/"+url.PathEscape(id)+"/history", query, &answer)
		history.Events = append(history.Events, answer.GetHistory().GetEvents()...)
		if len(answer.GetNextPageToken()) == 0 {
			return history
		}
		query.Set("next_page_token", string(answer.GetNextPageToken()))
	}
}

// wholeHistory returns the history of a workflow that is about to end, once it has.
func (p *process) wholeHistory(id string) *historypb.History {
	p.t.Helper()
	var history *historypb.History
	await(p.t, id+" has ended", func() bool {
		history = p.history(id)
		return history.Events[len(history.Events)-1].EventType == enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED
	})
	return history
}
