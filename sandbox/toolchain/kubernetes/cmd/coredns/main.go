// Command coredns is CoreDNS with only the plugins that cluster DNS uses.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/health"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/metrics"
	_ "github.com/coredns/coredns/plugin/ready"
)

// The order is the order in which a query passes the plugins.
func main() {
	dnsserver.Directives = []string{
		"health", "ready", "prometheus", "errors", "cache", "kubernetes",
	}
	coremain.Run()
}
