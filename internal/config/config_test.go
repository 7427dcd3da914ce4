package config

import (
	"flag"
	"strings"
	"testing"
)

func TestDefaultIsValid(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
}

func TestValidateNamesEveryFault(t *testing.T) {
	c := &Config{Listen: "8080", TLSCert: "a", PublicURL: "example.com", LogFormat: "xml", Bootstrap: Bootstrap{Token: "short"}}
	err := c.Validate()
	if err == nil {
		t.Fatal("no fault found")
	}
	for _, name := range []string{"--data", "--listen", "--tls-cert", "--public-url", "--log-format", "--bootstrap-token"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in:\n%v", name, err)
		}
	}
}

func TestFlagsSetEverySetting(t *testing.T) {
	c := Default()
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	c.Flags(fs)
	err := fs.Parse([]string{"--trusted-proxies", "10.0.0.0/8, 127.0.0.1", "--max-event-bytes", "2MiB", "--log-level", "debug",
		"--bootstrap-conversions", "Item Purchased, Stock Purchased,"})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.TrustedProxies) != 2 || c.TrustedProxies[1].String() != "127.0.0.1/32" {
		t.Errorf("proxies %v", c.TrustedProxies)
	}
	if c.Limits.EventBytes != 2<<20 || c.LogLevel != -4 || len(c.Bootstrap.Conversions) != 2 || c.Bootstrap.Conversions[1] != "Stock Purchased" {
		t.Errorf("got %+v", c)
	}
}

func TestBytesRoundTrip(t *testing.T) {
	f := func(text string, want Bytes, back string) {
		t.Helper()
		var b Bytes
		if err := b.UnmarshalText([]byte(text)); err != nil || b != want {
			t.Errorf("%q: %d, %v; want %d", text, b, err, want)
		}
		if got, _ := b.MarshalText(); string(got) != back {
			t.Errorf("%d: %s, want %s", b, got, back)
		}
	}
	f("0", 0, "0")
	f("1000", 1000, "1000")
	f("8 MiB", 8<<20, "8MiB")
	f("3kb", 3000, "3000")
	f("2048", 2048, "2KiB")
	for _, bad := range []string{"", "MiB", "-1", "1.5MB", "1XB", "9223372036854775807GiB"} {
		if err := new(Bytes).UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q was taken for a size", bad)
		}
	}
}
