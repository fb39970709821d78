// Command metrics-server is the metrics-server with its own wiring: its published command does not
// compile with the API server library that the rest of this module is built on.
package main

import (
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"
	core "k8s.io/api/core/v1"
	openapi "k8s.io/apiserver/pkg/endpoints/openapi"
	apiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/server/options"
	"k8s.io/apiserver/pkg/util/compatibility"
	"k8s.io/client-go/rest"
	"k8s.io/component-base/cli"
	"sigs.k8s.io/metrics-server/pkg/api"
	definitions "sigs.k8s.io/metrics-server/pkg/api/generated/openapi"
	"sigs.k8s.io/metrics-server/pkg/scraper/client"
	"sigs.k8s.io/metrics-server/pkg/server"
)

// The flags have the names of the published command's.
type settings struct {
	serving          *options.SecureServingOptionsWithLoopback
	authentication   *options.DelegatingAuthenticationOptions
	authorization    *options.DelegatingAuthorizationOptions
	kubeletAuthority string
	kubeletAddresses []string
	kubeletPort      bool
	resolution       time.Duration
}

func (s settings) apiServer() (*apiserver.Config, error) {
	loopback := []net.IP{net.ParseIP("127.0.0.1")}
	if err := s.serving.MaybeDefaultWithSelfSignedCerts("localhost", nil, loopback); err != nil {
		return nil, err
	}
	config := apiserver.NewConfig(api.Codecs)
	if err := s.serving.ApplyTo(&config.SecureServing, &config.LoopbackClientConfig); err != nil {
		return nil, err
	}
	if err := s.authentication.ApplyTo(&config.Authentication, config.SecureServing, nil); err != nil {
		return nil, err
	}
	if err := s.authorization.ApplyTo(&config.Authorization); err != nil {
		return nil, err
	}
	names := openapi.NewDefinitionNamer(api.Scheme)
	config.EffectiveVersion = compatibility.DefaultBuildEffectiveVersion()
	config.OpenAPIConfig = apiserver.DefaultOpenAPIConfig(definitions.GetOpenAPIDefinitions, names)
	config.OpenAPIV3Config = apiserver.DefaultOpenAPIV3Config(definitions.GetOpenAPIDefinitions, names)
	return config, nil
}

func (s settings) config() (*server.Config, error) {
	serving, err := s.apiServer()
	if err != nil {
		return nil, err
	}
	cluster, err := rest.InClusterConfig()
	if err != nil {
		return nil, err
	}
	kubelet := rest.CopyConfig(cluster)
	if s.kubeletAuthority != "" {
		kubelet.TLSClientConfig.CAFile = s.kubeletAuthority
		kubelet.TLSClientConfig.CAData = nil
	}
	var addresses []core.NodeAddressType
	for _, address := range s.kubeletAddresses {
		addresses = append(addresses, core.NodeAddressType(address))
	}
	return &server.Config{
		Apiserver: serving,
		Rest:      cluster,
		Kubelet: &client.KubeletClientConfig{
			Scheme:              "https",
			DefaultPort:         10250,
			AddressTypePriority: addresses,
			UseNodeStatusPort:   s.kubeletPort,
			Client:              *kubelet,
		},
		MetricResolution: s.resolution,
		ScrapeTimeout:    s.resolution * 9 / 10,
	}, nil
}

func newCommand() *cobra.Command {
	chosen := settings{
		serving:        options.NewSecureServingOptions().WithLoopback(),
		authentication: options.NewDelegatingAuthenticationOptions(),
		authorization:  options.NewDelegatingAuthorizationOptions(),
	}
	command := &cobra.Command{
		Use:          "metrics-server",
		SilenceUsage: true,
		RunE: func(command *cobra.Command, _ []string) error {
			config, err := chosen.config()
			if err != nil {
				return err
			}
			running, err := config.Complete()
			if err != nil {
				return err
			}
			return running.RunUntil(apiserver.SetupSignalHandler())
		},
	}
	flags := command.Flags()
	chosen.serving.AddFlags(flags)
	chosen.authentication.AddFlags(flags)
	chosen.authorization.AddFlags(flags)
	flags.StringVar(&chosen.kubeletAuthority, "kubelet-certificate-authority", "",
		"PEM file of the authority that signed the kubelets' certificates; default: the cluster's")
	flags.StringSliceVar(&chosen.kubeletAddresses, "kubelet-preferred-address-types",
		[]string{string(core.NodeInternalIP)}, "which of a node's addresses to ask, best first")
	flags.BoolVar(&chosen.kubeletPort, "kubelet-use-node-status-port", false,
		"ask the port that the node reports instead of 10250")
	flags.DurationVar(&chosen.resolution, "metric-resolution", 15*time.Second,
		"how often the kubelets are asked; at least 10s")
	return command
}

func main() {
	os.Exit(cli.Run(newCommand()))
}
