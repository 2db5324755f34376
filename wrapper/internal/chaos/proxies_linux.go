package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"text/template"
	"time"
)

// route is a way to the Space.
type route struct {
	name string
	url  string
	h2   bool
}

// proxy is a program that stands in front of the Space. It starts again if it ends.
type proxy struct {
	name   string
	path   string
	args   []string
	reload syscall.Signal
	log    string // a file
	ports  []string

	mu      sync.Mutex
	process *os.Process
	stopped bool
	ended   chan struct{}
}

func (p *proxy) start() error {
	if err := p.run(); err != nil {
		return err
	}
	return p.wait()
}

func (p *proxy) run() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return nil
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(p.path, p.args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		return err
	}
	p.process, p.ended = cmd.Process, make(chan struct{})
	ended := p.ended
	go func() {
		_ = cmd.Wait()
		close(ended)
		for range 50 { // a port may not be free at once
			if p.run() == nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	return nil
}

// wait waits until the program listens.
func (p *proxy) wait() error {
	for _, port := range p.ports {
		for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
			conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", port))
			if err == nil {
				_ = conn.Close()
				break
			}
			if time.Since(begin) > 20*time.Second {
				text, _ := os.ReadFile(p.log)
				return fmt.Errorf("%s does not listen: %s", p.name, text[:min(len(text), 2000)])
			}
		}
	}
	return nil
}

func (p *proxy) signal(s syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.process.Signal(s)
}

// children are the processes that the program has started.
func (p *proxy) children() (pids []int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", p.process.Pid, p.process.Pid))
	for _, field := range strings.Fields(string(text)) {
		if pid, err := strconv.Atoi(field); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// killWorker kills one of the processes that do the work.
func (p *proxy) killWorker() {
	if pids := p.children(); len(pids) > 0 {
		_ = syscall.Kill(pids[0], syscall.SIGKILL)
	}
}

// killAll kills the program and all that it has started.
func (p *proxy) killAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = syscall.Kill(-p.process.Pid, syscall.SIGKILL)
}

func (p *proxy) stop() {
	p.mu.Lock()
	p.stopped = true
	ended := p.ended
	if p.process != nil {
		_ = syscall.Kill(-p.process.Pid, syscall.SIGKILL)
	}
	p.mu.Unlock()
	if ended != nil {
		<-ended
	}
}

// certificate makes a certificate for 127.0.0.1 in dir: cert.pem, and with its
// key both.pem and key.pem.
func certificate(dir string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "chaos"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	secret := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "cert.pem"), cert, 0o600),
		os.WriteFile(filepath.Join(dir, "key.pem"), secret, 0o600),
		os.WriteFile(filepath.Join(dir, "both.pem"), append(cert, secret...), 0o600),
	)
}

// freePorts returns n ports of loopback that nothing listens on.
func freePorts(n int) (ports []string, err error) {
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer func() { _ = listener.Close() }()
		_, port, _ := net.SplitHostPort(listener.Addr().String())
		ports = append(ports, port)
	}
	return ports, nil
}

// write writes the configuration that text is a template of.
func write(file, text string, data any) error {
	var out bytes.Buffer
	if err := template.Must(template.New("").Parse(text)).Execute(&out, data); err != nil {
		return err
	}
	return os.WriteFile(file, out.Bytes(), 0o600)
}

type configData struct {
	Dir, Upstream string
	Root          bool
	Ports         []string
}

const nginxConfig = `
{{if .Root}}user root;{{end}}
worker_processes 2;
pid {{.Dir}}/nginx.pid;
error_log {{.Dir}}/nginx-error.log warn;
daemon off;
events { worker_connections 1024; }
http {
	access_log off;
	client_body_temp_path {{.Dir}}/body;
	proxy_temp_path {{.Dir}}/proxy;
	fastcgi_temp_path {{.Dir}}/fastcgi;
	uwsgi_temp_path {{.Dir}}/uwsgi;
	scgi_temp_path {{.Dir}}/scgi;
	ssl_certificate {{.Dir}}/cert.pem;
	ssl_certificate_key {{.Dir}}/key.pem;
	upstream space { server {{.Upstream}}; keepalive 16; }
	proxy_http_version 1.1;
	proxy_set_header Connection "";
	proxy_set_header Host $http_host;
	proxy_connect_timeout 1s;
	proxy_read_timeout 1s;
	server {
		listen 127.0.0.1:{{index .Ports 0}};
		keepalive_requests 200;
		location / { proxy_pass http://space; }
		location /prefix/ { proxy_pass http://space/; }
	}
	server { # HTTP/2, whose connections are ended with GOAWAY, as in every nginx
		listen 127.0.0.1:{{index .Ports 1}} ssl http2;
		keepalive_requests 100;
		location / { proxy_pass http://space; }
	}
	server { # compressed
		listen 127.0.0.1:{{index .Ports 2}} ssl;
		gzip on;
		gzip_types *;
		gzip_min_length 1;
		gzip_proxied any;
		location / { proxy_pass http://space; }
	}
	server { # a page of its own, which says that nothing was done, whatever was
		listen 127.0.0.1:{{index .Ports 3}};
		location / {
			proxy_pass http://space;
			proxy_intercept_errors on;
			error_page 502 503 504 =503 @busy;
		}
		location @busy {
			default_type text/html;
			add_header Retry-After 1 always;
			return 503 "<html><body>We are down for maintenance.</body></html>";
		}
	}
}
`

const haproxyConfig = `
global
	maxconn 2000
defaults
	mode http
	timeout connect 1s
	timeout client 30s
	timeout server 1s
	timeout http-keep-alive 1s
	retries 1
frontend http1
	bind 127.0.0.1:{{index .Ports 0}}
	default_backend space
frontend http2
	bind 127.0.0.1:{{index .Ports 1}} ssl crt {{.Dir}}/both.pem alpn h2,http/1.1
	default_backend space
backend space
	http-reuse safe
	server s {{.Upstream}}
`

// prepare writes the configurations of the programs that are installed.
func prepare(dir, upstream string) (proxies []*proxy, routes []route, err error) {
	if err := certificate(dir); err != nil {
		return nil, nil, err
	}
	ports, err := freePorts(6)
	if err != nil {
		return nil, nil, err
	}
	look := func(name string) string {
		for _, name := range []string{name, "/usr/sbin/" + name} { // which is not in everybody's PATH
			if path, err := exec.LookPath(name); err == nil {
				return path
			}
		}
		return ""
	}
	data := configData{Dir: dir, Upstream: upstream, Root: os.Geteuid() == 0}
	if path := look("nginx"); path != "" {
		data.Ports = ports[:4]
		file := filepath.Join(dir, "nginx.conf")
		if err := write(file, nginxConfig, data); err != nil {
			return nil, nil, err
		}
		proxies = append(proxies, &proxy{name: "nginx", path: path, args: []string{"-p", dir, "-e", filepath.Join(dir, "nginx-error.log"), "-c", file},
			reload: syscall.SIGHUP, log: filepath.Join(dir, "nginx.log"), ports: data.Ports})
		routes = append(routes,
			route{name: "nginx, HTTP/1.1", url: "http://127.0.0.1:" + ports[0]},
			route{name: "nginx, path in proxy_pass", url: "http://127.0.0.1:" + ports[0] + "/prefix"},
			route{name: "nginx, HTTP/2", url: "https://127.0.0.1:" + ports[1], h2: true},
			route{name: "nginx, TLS and gzip", url: "https://127.0.0.1:" + ports[2]},
			route{name: "nginx, maintenance page", url: "http://127.0.0.1:" + ports[3]})
	}
	if path := look("haproxy"); path != "" {
		data.Ports = ports[4:]
		file := filepath.Join(dir, "haproxy.cfg")
		if err := write(file, haproxyConfig, data); err != nil {
			return nil, nil, err
		}
		proxies = append(proxies, &proxy{name: "HAProxy", path: path, args: []string{"-W", "-db", "-f", file},
			reload: syscall.SIGUSR2, log: filepath.Join(dir, "haproxy.log"), ports: data.Ports})
		routes = append(routes,
			route{name: "HAProxy, HTTP/1.1", url: "http://127.0.0.1:" + ports[4]},
			route{name: "HAProxy, HTTP/2", url: "https://127.0.0.1:" + ports[5], h2: true})
	}
	return proxies, routes, nil
}
