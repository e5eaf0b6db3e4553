package devserver

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/common"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/persistence"
	persistenceclient "go.temporal.io/server/common/persistence/client"
	"go.temporal.io/server/common/persistence/serialization"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/common/resolver"
	"go.temporal.io/server/common/searchattribute/sadefs"
	"go.temporal.io/server/common/telemetry"
	"google.golang.org/protobuf/types/known/durationpb"
)

// ensureNamespace creates the namespace or brings retention and search attributes up to what is asked, in the
// database, before any service runs: so nothing has to wait for caches to be refreshed, and a first start needs
// no second round. Search attributes that are no longer asked for keep their slot, since closed workflows carry
// their values.
func ensureNamespace(ctx context.Context, cfg *config.Persistence, o Options) error {
	serializer := serialization.NewSerializer()
	quiet := log.NewNoopLogger()
	stores := persistenceclient.DataStoreFactoryProvider(clusterName, resolver.NewNoopResolver(), cfg, nil,
		quiet, metrics.NoopMetricsHandler, telemetry.NoopTracerProvider, serializer)
	factory := persistenceclient.FactoryProvider(persistenceclient.NewFactoryParams{
		DataStoreFactory: stores,
		Cfg:              cfg,
		ClusterName:      clusterName,
		MetricsHandler:   metrics.NoopMetricsHandler,
		Logger:           quiet,
		Serializer:       serializer,
	})
	defer factory.Close()
	manager, err := factory.NewMetadataManager()
	if err != nil {
		return fail(ErrData, textNamespace, err)
	}
	defer manager.Close()

	found, err := manager.GetNamespace(ctx, &persistence.GetNamespaceRequest{Name: o.Namespace})
	var missing *serviceerror.NamespaceNotFound
	switch {
	case errors.As(err, &missing):
		return createNamespace(ctx, manager, o)
	case err != nil:
		return fail(ErrData, textNamespace, err)
	}

	detail := found.Namespace
	aliases, changed, err := assignSlots(detail.GetConfig().GetCustomSearchAttributeAliases(), o.SearchAttributes)
	if err != nil {
		return err
	}
	if !changed && detail.GetConfig().GetRetention().AsDuration() == o.Retention {
		return nil
	}
	meta, err := manager.GetMetadata(ctx)
	if err != nil {
		return fail(ErrData, textNamespace, err)
	}
	detail.Config.CustomSearchAttributeAliases = aliases
	detail.Config.Retention = durationpb.New(o.Retention)
	detail.ConfigVersion++
	err = manager.UpdateNamespace(ctx, &persistence.UpdateNamespaceRequest{
		Namespace:           detail,
		IsGlobalNamespace:   found.IsGlobalNamespace,
		NotificationVersion: meta.NotificationVersion,
	})
	if err != nil {
		return fail(ErrData, textNamespace, err)
	}
	return nil
}

func createNamespace(ctx context.Context, manager persistence.MetadataManager, o Options) error {
	aliases, _, err := assignSlots(nil, o.SearchAttributes)
	if err != nil {
		return err
	}
	_, err = manager.CreateNamespace(ctx, &persistence.CreateNamespaceRequest{
		Namespace: &persistencespb.NamespaceDetail{
			Info: &persistencespb.NamespaceInfo{
				Id:    primitives.NewUUID().String(),
				State: enumspb.NAMESPACE_STATE_REGISTERED,
				Name:  o.Namespace,
			},
			Config: &persistencespb.NamespaceConfig{
				Retention:                    durationpb.New(o.Retention),
				HistoryArchivalState:         enumspb.ARCHIVAL_STATE_DISABLED,
				VisibilityArchivalState:      enumspb.ARCHIVAL_STATE_DISABLED,
				CustomSearchAttributeAliases: aliases,
			},
			ReplicationConfig: &persistencespb.NamespaceReplicationConfig{
				ActiveClusterName: clusterName,
				Clusters:          []string{clusterName},
			},
			FailoverVersion:             common.EmptyVersion,
			FailoverNotificationVersion: -1,
		},
	})
	if err != nil {
		return fail(ErrData, textNamespace, err)
	}
	return nil
}

// assignSlots gives every wanted attribute one of the columns the database keeps for its type (ten keywords,
// three each of datetime, int, bool, double, text and keyword list), keeping those assigned before. The result
// maps column to name; changed says whether it differs from have.
func assignSlots(have map[string]string, want map[string]enumspb.IndexedValueType) (map[string]string, bool, error) {
	columns := sadefs.GetDBIndexSearchAttributes(nil).GetCustomSearchAttributes()
	out := maps.Clone(have)
	if out == nil {
		out = map[string]string{}
	}
	columnOf := make(map[string]string, len(out))
	for column, name := range out {
		columnOf[name] = column
	}
	changed := false
	for _, name := range slices.Sorted(maps.Keys(want)) {
		kind := want[name]
		if column, ok := columnOf[name]; ok {
			if columns[column] != kind {
				return nil, false, fail(ErrOptions, textAttributeType(name, columns[column].String(), kind.String()), nil)
			}
			continue
		}
		slots := slices.Sorted(func(yield func(string) bool) {
			for column, k := range columns {
				if k == kind && !yield(column) {
					return
				}
			}
		})
		if len(slots) == 0 {
			return nil, false, fail(ErrOptions, textAttributeKind(name, kind.String()), nil)
		}
		i := slices.IndexFunc(slots, func(s string) bool { _, taken := out[s]; return !taken })
		if i < 0 {
			return nil, false, fail(ErrOptions, textSlots(kind.String(), len(slots)), nil)
		}
		out[slots[i]] = name
		changed = true
	}
	return out, changed, nil
}

// defaultRetention is ten years: longer than any plan runs, so that no history disappears while somebody may
// still ask for it. The ledger is the record all the same.
const defaultRetention = 10 * 365 * 24 * time.Hour
