package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// A link that is sent to others names an address that they reach.
func TestLinksNameNoAddressOfEverything(t *testing.T) {
	name, err := os.Hostname()
	require.NoError(t, err)
	for address, want := range map[string]string{
		"0.0.0.0:8080":   name + ":8080",
		"[::]:8080":      name + ":8080",
		"127.0.0.1:8080": "127.0.0.1:8080",
		"10.1.2.3:80":    "10.1.2.3:80",
		"[::1]:8080":     "[::1]:8080",
	} {
		require.Equal(t, want, reachable(address), address)
	}
}
