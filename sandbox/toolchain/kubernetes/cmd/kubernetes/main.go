// Command kubernetes is every Kubernetes component and etcd in one binary: it runs the one that it
// is called as (argument zero). One link instead of seven, and the shared code is stored once.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	_ "k8s.io/client-go/plugin/pkg/client/auth"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"

	"web-greetings/sandbox/kubernetes/storage"
)

// Two of these may not be constructed in one process: they share registries of flags and feature
// gates and panic, so each is a function that is called only when its name was asked for.
var commands = map[string]func() *cobra.Command{
	"kube-apiserver":          apiserver.NewAPIServerCommand,
	"kube-controller-manager": controllermanager.NewControllerManagerCommand,
	"kube-proxy":              proxy.NewProxyCommand,
	"kube-scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
	"kubectl":                 kubectl.NewDefaultKubectlCommand,
	"storage-provisioner":     storage.NewCommand,
	"kubelet":                 func() *cobra.Command { return kubelet.NewKubeletCommand(context.Background()) },
}

func main() {
	name := filepath.Base(os.Args[0])
	if name == "etcd" {
		etcdmain.Main(os.Args)
		return
	}
	construct, known := commands[name]
	if !known {
		fmt.Fprintf(os.Stderr, "no command %q in this binary: call it by a link named kube-apiserver, "+
			"kube-controller-manager, kube-proxy, kube-scheduler, kubelet, kubectl, storage-provisioner or etcd\n", name)
		os.Exit(2)
	}
	os.Exit(cli.Run(construct()))
}
