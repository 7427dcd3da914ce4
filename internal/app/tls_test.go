package app

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// certificate writes a certificate for this machine and its key.
func certificate(t *testing.T) (cert, key string, roots *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots = x509.NewCertPool()
	roots.AddCert(parsed)
	return cert, key, roots
}

func TestServerSpeaksHTTPSWithACertificate(t *testing.T) {
	cert, key, roots := certificate(t)
	s := start(t, t.TempDir(), func(c *Config) { c.TLSCert, c.TLSKey = cert, key })
	link, err := s.FirstLogin(t.Context())
	if err != nil || !strings.HasPrefix(link, "https://127.0.0.1:") {
		t.Fatalf("link %q, %v", link, err)
	}
	client := &http.Client{
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Get(link)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if cookies := resp.Cookies(); len(cookies) != 1 || !cookies[0].Secure || resp.ProtoMajor != 2 {
		t.Errorf("cookies %v over %s; want a secure one over HTTP/2", cookies, resp.Proto)
	}
	client.CloseIdleConnections()
}

func TestBrokenCertificateIsSaidAtStart(t *testing.T) {
	cert, _, _ := certificate(t)
	c := Config{}
	c.Data, c.Listen, c.LogFormat, c.TLSCert, c.TLSKey = t.TempDir(), "127.0.0.1:0", "text", cert, cert
	if a, err := Start(t.Context(), c); err == nil || !strings.Contains(err.Error(), "certificate") {
		if a != nil {
			_ = a.Close(t.Context())
		}
		t.Errorf("got %v", err)
	}
}
