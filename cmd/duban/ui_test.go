package main

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/workflows"
)

// The pages lead to the very lists that the UI begins with.
func TestViewsAreTheUIs(t *testing.T) {
	all := views("区 1")
	require.Len(t, all, len(workflows.Views))
	for n, v := range all {
		u, err := url.Parse(v.Path)
		require.NoError(t, err)
		require.Equal(t, "/temporal/namespaces/区 1/workflows", u.Path)
		require.Equal(t, url.Values{"query": {workflows.Views[n].Query}, "savedQuery": {workflows.Views[n].Name}}, u.Query())
		require.Equal(t, workflows.Views[n].Name, v.Name)
	}
}
