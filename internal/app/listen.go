package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/debrief-dev/debrief/internal/config"
)

// listen takes the address, so that a busy one is found out before anything is opened.
func listen(ctx context.Context, c *config.Config) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("address %s is in use by another program; stop it, or choose another with --listen", c.Listen)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", c.Listen, err)
	}
	if c.TLSCert == "" {
		return l, nil
	}
	cert, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("load TLS certificate: %w", err)
	}
	return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}), nil
}

// localURL is the address of a listener for this machine's own programs.
func localURL(l net.Listener, https bool) string {
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		panic("BUG: listener without a port: " + err.Error())
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	scheme := "http"
	if https {
		scheme = "https"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// newServer bounds what a connection may cost. Bodies are bounded by the router, and streams take as
// long as they take.
func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    256 << 10, // a pixel carries its call in the address
		ErrorLog:          slog.NewLogLogger(quiet{log.Handler()}, slog.LevelError),
	}
}

// quiet leaves out what net/http says of clients that fail to connect: nobody can act on it. What is left
// are panics of handlers and trouble with the listener.
type quiet struct{ slog.Handler }

// Handle drops records about clients.
func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	if strings.HasPrefix(r.Message, "http: TLS handshake error") {
		return nil
	}
	return q.Handler.Handle(ctx, r)
}
