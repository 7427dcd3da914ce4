// Package config holds the settings of the server: what they are called, what they mean, what they are
// when nobody says, and which of them make no sense together. It reads no files and knows nothing of
// what the settings configure; cmd/debrief fills it, package app obeys it.
package config

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Config is how a server runs. Default returns one that works.
type Config struct {
	// Data is the directory that holds everything; it is created.
	Data string
	// Listen is the address to serve on, host:port; port 0 picks a free one.
	Listen string
	// TLSCert and TLSKey are PEM files; with both, the server speaks https alone.
	TLSCert, TLSKey string
	// PublicURL is how people and clients reach the server, where that is not the address listened on.
	PublicURL string
	// TrustedProxies are networks whose X-Forwarded-For and X-Forwarded-Proto are believed.
	TrustedProxies []netip.Prefix

	// FunctionNetworks are networks that functions may reach although they are not public.
	FunctionNetworks []netip.Prefix

	// LogLevel and LogFormat ("text" or "json") are of the server's own log.
	LogLevel  slog.Level
	LogFormat string

	Limits Limits

	// DestinationsPublicOnly keeps destinations from addresses of private networks.
	DestinationsPublicOnly bool

	// DestinationsFiles is the directory below which destinations may write files where their settings say;
	// empty: only below the data directory.
	DestinationsFiles string

	// DestinationsKeep bounds each log that is kept for destinations which are paused, down or slow; 0: 1 GiB.
	DestinationsKeep Bytes

	// Bootstrap is done on the first start of a data directory only.
	Bootstrap Bootstrap

	// StopTimeout is how long requests under way may take after a signal to stop.
	StopTimeout time.Duration
}

// Limits bound what clients may send. Zeros mean the default of package ingest.
type Limits struct {
	SegmentStrict     bool // the limits that Segment documents, in place of ours
	EventBytes        Bytes
	BodyBytes         Bytes
	BatchEvents       int
	RequestsPerSecond int
	ProfilesPerSecond int
}

// Bootstrap is what a new data directory starts with, for containers and automation.
type Bootstrap struct {
	WriteKey    string   // of the first source; "" makes one
	Token       string   // an API token that may do everything; "" makes none
	Conversions []string // event names that count as conversions
}

// Default returns the settings of a server that nobody configured.
func Default() *Config {
	return &Config{Data: "data", Listen: "127.0.0.1:8080", LogFormat: "text", StopTimeout: 30 * time.Second}
}

// Flags declares a flag for every setting. A flag --a-b is also the variable DEBRIEF_A_B, and a line
// "a-b VALUE" of the file that --config names.
func (c *Config) Flags(fs *flag.FlagSet) {
	fs.StringVar(&c.Data, "data", c.Data, "the `dir`ectory that holds everything; it is created")
	fs.StringVar(&c.Listen, "listen", c.Listen, "`address` to serve on, host:port; 0.0.0.0:8080 serves the whole network")
	fs.StringVar(&c.TLSCert, "tls-cert", c.TLSCert, "PEM `file` with the certificate chain; with --tls-key, serve https")
	fs.StringVar(&c.TLSKey, "tls-key", c.TLSKey, "PEM `file` with the key of the certificate")
	fs.StringVar(&c.PublicURL, "public-url", c.PublicURL, "`url` under which people and clients reach the server, when it stands behind a proxy")
	fs.Func("trusted-proxies", "comma separated `networks` whose X-Forwarded-For and -Proto are believed, such as 10.0.0.0/8", setNetworks(&c.TrustedProxies))
	fs.Func("function-networks", "comma separated `networks` that functions may reach although they are not public, such as 10.1.0.0/16", setNetworks(&c.FunctionNetworks))
	fs.TextVar(&c.LogLevel, "log-level", c.LogLevel, "least `level` that is logged: debug, info, warn, error")
	fs.StringVar(&c.LogFormat, "log-format", c.LogFormat, "`format` of the log: text or json")
	fs.BoolVar(&c.Limits.SegmentStrict, "segment-strict", false, "hold clients to the limits that Segment documents (32 KB a call, 500 KB a batch …)")
	fs.TextVar(&c.Limits.EventBytes, "max-event-bytes", c.Limits.EventBytes, "largest `size` of one call, such as 2MiB; 0 is the default of 1MiB")
	fs.TextVar(&c.Limits.BodyBytes, "max-body-bytes", c.Limits.BodyBytes, "largest `size` of one request, compressed or not; 0 is the default of 8MiB")
	fs.IntVar(&c.Limits.BatchEvents, "max-batch-events", 0, "largest `number` of calls in one request; 0 is the default of 10000")
	fs.IntVar(&c.Limits.RequestsPerSecond, "max-requests-per-second", 0, "largest `number` of requests a second of one source; 0 sets no bound")
	fs.BoolVar(&c.DestinationsPublicOnly, "destinations-public-only", false, "let destinations reach public addresses alone, none of this machine or network")
	fs.StringVar(&c.DestinationsFiles, "destinations-files", "", "`directory` below which destinations may write files where they are set up to")
	fs.TextVar(&c.DestinationsKeep, "destinations-keep", c.DestinationsKeep, "largest `size` of each log that is kept for destinations which are paused or down, 256MiB or more; 0 is the default of 1GiB")
	fs.IntVar(&c.Limits.ProfilesPerSecond, "max-profiles-per-second", 0, "largest `number` of requests a second of one token to the Profile API; 0 is the default of 100")
	fs.DurationVar(&c.StopTimeout, "stop-timeout", c.StopTimeout, "how long requests under way may take when the server is told to stop")
	fs.StringVar(&c.Bootstrap.WriteKey, "bootstrap-write-key", "", "write `key` of the first source (on first start only; better given as DEBRIEF_BOOTSTRAP_WRITE_KEY)")
	fs.StringVar(&c.Bootstrap.Token, "bootstrap-token", "", "API `token` that may do everything (on first start only; better given as DEBRIEF_BOOTSTRAP_TOKEN)")
	fs.Func("bootstrap-conversions", "comma separated `events` that count as conversions (on first start only)", func(s string) error {
		c.Bootstrap.Conversions = list(s)
		return nil
	})
}

// setNetworks reads networks and single addresses.
func setNetworks(to *[]netip.Prefix) func(string) error {
	return func(s string) error {
		*to = nil
		for _, text := range list(s) {
			if addr, err := netip.ParseAddr(text); err == nil {
				*to = append(*to, netip.PrefixFrom(addr, addr.BitLen()))
				continue
			}
			prefix, err := netip.ParsePrefix(text)
			if err != nil {
				return fmt.Errorf("%q is neither an address nor a network", text)
			}
			*to = append(*to, prefix.Masked())
		}
		return nil
	}
}

// list splits at commas, leaving out what is empty.
func list(s string) []string {
	var all []string
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

// Validate reports all faults, joined.
func (c *Config) Validate() error {
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.Data == "" {
		add("--data names no directory")
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		add("--listen %q is not host:port", c.Listen)
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		add("--tls-cert and --tls-key go together")
	}
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
			add("--public-url %q is not of the form https://host[:port]", c.PublicURL)
		}
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		add("--log-format is text or json, not %q", c.LogFormat)
	}
	if c.Limits.BatchEvents < 0 || c.Limits.RequestsPerSecond < 0 || c.Limits.ProfilesPerSecond < 0 {
		add("limits are not negative")
	}
	if c.DestinationsKeep != 0 && c.DestinationsKeep < 256<<20 {
		add("--destinations-keep is 256MiB or more: logs are cut in pieces of 64MiB")
	}
	if c.StopTimeout < 0 {
		add("--stop-timeout is not negative")
	}
	if n := len(c.Bootstrap.Token); n > 0 && n < 16 {
		add("--bootstrap-token has less than 16 characters; anybody could guess it")
	}
	return errors.Join(errs...)
}
