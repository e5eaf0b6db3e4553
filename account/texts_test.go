package account_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/account"
)

// constants returns the values of all constants of a type, as the source has them.
func constants(t *testing.T, typ string) []string {
	t.Helper()
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	var values []string
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if name, named := typeOf(spec, ok); named && name == typ {
				value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				require.NoError(t, err)
				values = append(values, value)
			}
			return true
		})
	}
	require.NotEmpty(t, values)
	return values
}

func typeOf(spec *ast.ValueSpec, ok bool) (string, bool) {
	if !ok {
		return "", false
	}
	name, named := spec.Type.(*ast.Ident)
	if !named {
		return "", false
	}
	return name.Name, true
}

var chinese = regexp.MustCompile(`\p{Han}`)

func TestEveryThingHasItsChinese(t *testing.T) {
	for _, code := range constants(t, "Code") {
		require.True(t, account.KnownCode(account.Code(code)), code)
		require.Regexp(t, chinese, account.Refuse(account.Code(code)).Error(), code)
	}
	for _, action := range constants(t, "Action") {
		require.Regexp(t, chinese, account.Action(action).Chinese(), action)
	}
	for _, role := range constants(t, "Role") {
		require.Regexp(t, chinese, account.Role(role).Chinese(), role)
		require.Contains(t, account.Roles, account.Role(role))
	}
	for _, scope := range constants(t, "Scope") {
		require.Contains(t, account.Scopes, account.Scope(scope))
	}
	require.False(t, account.KnownCode("no_such_code"))
}
