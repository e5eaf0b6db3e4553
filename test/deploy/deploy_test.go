// Package deploy checks the files in deploy/: the manifests are what Kubernetes' own types take, and fit together; the units are
// what systemd takes.
package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

const folder = "../../deploy"

// decode reads an object as the server does that refuses fields it does not know.
func decode(t *testing.T, content []byte) runtime.Object {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{appsv1.AddToScheme, corev1.AddToScheme, networkingv1.AddToScheme, policyv1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	object, _, err := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer().Decode(content, nil, nil)
	if err != nil {
		t.Fatalf("%v in\n%s", err, content)
	}
	return object
}

func TestManifests(t *testing.T) {
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), filepath.Join(folder, "kubernetes"))
	if err != nil {
		t.Fatal(err)
	}
	pods := map[string]corev1.PodTemplateSpec{}
	known := map[string]bool{"Secret/duban": true, "Secret/duban-keys": true, "Secret/duban-tls": true}
	var selectors []metav1.LabelSelector
	for _, r := range built.Resources() {
		content, err := r.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		known[r.GetKind()+"/"+r.GetName()] = true
		switch o := decode(t, content).(type) {
		case *appsv1.Deployment:
			pods[o.Name] = o.Spec.Template
			selectors = append(selectors, *o.Spec.Selector)
			if *o.Spec.Replicas < 2 {
				t.Errorf("%s runs once: nobody takes over", o.Name)
			}
		case *policyv1.PodDisruptionBudget:
			selectors = append(selectors, *o.Spec.Selector)
		case *networkingv1.NetworkPolicy:
			selectors = append(selectors, o.Spec.PodSelector)
		case *corev1.Service:
			selectors = append(selectors, metav1.LabelSelector{MatchLabels: o.Spec.Selector})
		}
	}
	if len(pods) != 2 {
		t.Fatalf("deployments of %d, not of an API and a worker", len(pods))
	}
	for _, s := range selectors {
		selector, err := metav1.LabelSelectorAsSelector(&s)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, p := range pods {
			found = found || selector.Matches(labels.Set(p.Labels))
		}
		if !found {
			t.Errorf("nothing is selected by %s", selector)
		}
	}
	for name, p := range pods {
		for _, v := range p.Spec.Volumes {
			if v.ConfigMap != nil && !known["ConfigMap/"+v.ConfigMap.Name] || v.Secret != nil && !known["Secret/"+v.Secret.SecretName] {
				t.Errorf("%s mounts %s of nothing", name, v.Name)
			}
		}
		for _, c := range p.Spec.Containers {
			if !strings.Contains(c.Image, ":") || !*c.SecurityContext.ReadOnlyRootFilesystem {
				t.Errorf("%s: image %q without a version, or a file system that can be written", name, c.Image)
			}
		}
	}
}

func TestSecretsAreAnExampleAlone(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(folder, "kubernetes", "secrets.example.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	docs := strings.Split(string(content), "\n---\n")
	for _, d := range docs {
		if _, ok := decode(t, []byte(d)).(*corev1.Secret); !ok {
			t.Errorf("no secret: %s", d)
		}
	}
	list, err := os.ReadFile(filepath.Join(folder, "kubernetes", "kustomization.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var k struct{ Resources []string }
	if err := yaml.Unmarshal(list, &k); err != nil {
		t.Fatal(err)
	}
	for _, r := range k.Resources {
		if strings.Contains(r, "secret") {
			t.Errorf("%s would be applied", r)
		}
	}
}

func TestUnits(t *testing.T) {
	units, err := filepath.Glob(filepath.Join(folder, "systemd", "*.service"))
	if err != nil || len(units) != 3 {
		t.Fatal(units, err)
	}
	// systemd looks for the program, which no machine has that only checks.
	program, err := exec.LookPath("true")
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range units {
		content, err := os.ReadFile(u)
		if err != nil {
			t.Fatal(err)
		}
		copied := filepath.Join(t.TempDir(), strings.Replace(filepath.Base(u), "@", "@1", 1))
		text := strings.ReplaceAll(string(content), "/usr/local/bin/duban", program)
		if err := os.WriteFile(copied, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("systemd-analyze", "verify", "--man=no", copied).CombinedOutput()
		if err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", u, err, out)
		}
	}
}
