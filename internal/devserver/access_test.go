package devserver_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/server/api/adminservice/v1"
	"go.temporal.io/server/api/historyservice/v1"
	"go.temporal.io/server/api/matchingservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"

	"duban/internal/devserver"
)

func raw(t *testing.T, addr string, secure credentials.TransportCredentials) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(secure))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return conn
}

// calls are one of every service on the frontend's port, the server's own and those that gRPC brings.
func calls(conn *grpc.ClientConn) map[string]func(context.Context) error {
	workflows, operator := workflowservice.NewWorkflowServiceClient(conn), operatorservice.NewOperatorServiceClient(conn)
	return map[string]func(context.Context) error{
		"GetSystemInfo": func(ctx context.Context) error {
			_, err := workflows.GetSystemInfo(ctx, &workflowservice.GetSystemInfoRequest{})
			return err
		},
		"ListWorkflowExecutions": func(ctx context.Context) error {
			_, err := workflows.ListWorkflowExecutions(ctx, &workflowservice.ListWorkflowExecutionsRequest{Namespace: "duban"})
			return err
		},
		"ListNamespaces": func(ctx context.Context) error {
			_, err := workflows.ListNamespaces(ctx, &workflowservice.ListNamespacesRequest{})
			return err
		},
		"ListSearchAttributes": func(ctx context.Context) error {
			_, err := operator.ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: "duban"})
			return err
		},
		"DescribeCluster": func(ctx context.Context) error {
			_, err := adminservice.NewAdminServiceClient(conn).DescribeCluster(ctx, &adminservice.DescribeClusterRequest{})
			return err
		},
		"health": func(ctx context.Context) error {
			_, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{Service: "temporal.api.workflowservice.v1.WorkflowService"})
			return err
		},
		"reflection": func(ctx context.Context) error {
			stream, err := reflectionpb.NewServerReflectionClient(conn).ServerReflectionInfo(ctx)
			if err != nil {
				return err
			}
			if err := stream.Send(&reflectionpb.ServerReflectionRequest{
				MessageRequest: &reflectionpb.ServerReflectionRequest_ListServices{},
			}); err != nil {
				return err
			}
			_, err = stream.Recv()
			return err
		},
	}
}

func TestFrontendAsksForTheToken(t *testing.T) {
	t.Parallel()
	o, _ := options(t, t.TempDir())
	s, err := devserver.Start(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	ctx := t.Context()
	for name, call := range calls(raw(t, s.HostPort(), insecure.NewCredentials())) {
		for kind, header := range map[string]string{
			"none": "", "empty": "Bearer ", "wrong": "Bearer " + s.Token() + "x", "cut": "Bearer " + s.Token()[1:], "bare": s.Token(),
		} {
			with := ctx
			if header != "" {
				with = metadata.AppendToOutgoingContext(ctx, "authorization", header)
			}
			err := call(with)
			require.ErrorContains(t, err, "Request unauthorized", "%s, token: %s", name, kind)
			if name != "reflection" { // the server gives streams no code
				require.Equal(t, codes.PermissionDenied, status.Code(err), "%s, token: %s", name, kind)
			}
		}
		require.NoError(t, call(metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+s.Token())), name)
	}
}

func TestServicesBehindTheFrontendAskForTheKey(t *testing.T) {
	t.Parallel()
	o, _ := options(t, t.TempDir())
	s, err := devserver.Start(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	require.Len(t, s.Inside(), 4)
	for name, addr := range s.Inside() {
		for kind, secure := range map[string]credentials.TransportCredentials{
			"no TLS":         insecure.NewCredentials(),
			"no certificate": credentials.NewTLS(&tls.Config{InsecureSkipVerify: true}),
			"another's":      credentials.NewTLS(&tls.Config{InsecureSkipVerify: true, Certificates: foreign(t)}),
		} {
			ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+s.Token()), time.Minute)
			conn := raw(t, addr, secure)
			for _, err := range []error{
				second(historyservice.NewHistoryServiceClient(conn).GetShard(ctx, &historyservice.GetShardRequest{ShardId: 1})),
				second(matchingservice.NewMatchingServiceClient(conn).ListTaskQueuePartitions(ctx, &matchingservice.ListTaskQueuePartitionsRequest{})),
				second(workflowservice.NewWorkflowServiceClient(conn).GetSystemInfo(ctx, &workflowservice.GetSystemInfoRequest{})),
				second(healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{})),
			} {
				require.Equal(t, codes.Unavailable, status.Code(err), "%s, %s: %v", name, kind, err)
			}
			cancel()
		}
	}
}

// foreign is a certificate like those of the services, of a key that is not theirs.
func foreign(t *testing.T) []tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	return []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}
}

var template = &x509.Certificate{
	SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "duban"}, DNSNames: []string{"duban"},
	NotAfter: time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC), IsCA: true, BasicConstraintsValid: true,
	KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
}

func second[T any](_ T, err error) error { return err }

func TestTokenIsOfOneStart(t *testing.T) {
	t.Parallel()
	o, _ := options(t, t.TempDir())
	first, err := devserver.Start(t.Context(), o)
	require.NoError(t, err)
	require.NoError(t, first.Close())
	s, err := devserver.Start(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	_, err = client.DialContext(t.Context(), client.Options{
		HostPort: s.HostPort(), Namespace: s.Namespace(), Credentials: client.NewAPIKeyStaticCredentials(first.Token()),
		ConnectionOptions: client.ConnectionOptions{TLSDisabled: true},
	})
	require.ErrorContains(t, err, "unauthorized")
	_, err = dial(t, s).CheckHealth(t.Context(), &client.CheckHealthRequest{})
	require.NoError(t, err)
}
