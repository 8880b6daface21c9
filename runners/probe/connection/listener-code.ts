/**
 * What listens at the far end of a tried connection: a TCP and a UDP socket on one address, which give back what carries
 * the run's nonce and nothing else. In the languages that hosts have: Perl is in every Debian, Python 3 in every Red Hat.
 * Arguments: address, nonce, seconds to live. The first line says the ports.
 */

/** A line that is sent through a TCP connection: several segments of any MTU below 2000. */
export const LINE_BYTES = 4000
/** Connections that are held at the same time, and octets that are kept of one. */
const MOST_HELD = 512
const MOST_OCTETS = 8192

export const PERL = `
use strict; use Socket;
my ($address, $nonce, $life) = @ARGV;
$SIG{PIPE} = 'IGNORE'; $SIG{INT} = 'DEFAULT'; $| = 1; alarm $life;
my $any = sockaddr_in(0, inet_aton($address));
my ($t, $u, %held);
socket($t, PF_INET, SOCK_STREAM, 6) && bind($t, $any) && listen($t, 256) or die "TCP: $!\\n";
socket($u, PF_INET, SOCK_DGRAM, 17) && bind($u, $any) or die "UDP: $!\\n";
printf "%s tcp %d udp %d\\n", $address, (sockaddr_in(getsockname $t))[0], (sockaddr_in(getsockname $u))[0];
while (1) {
  my $ready = '';
  vec($ready, fileno $_, 1) = 1 for $t, $u, map { $_->[0] } values %held;
  next if select($ready, undef, undef, undef) < 0;
  if (vec($ready, fileno $u, 1)) {
    my $from = recv($u, my $data, 2048, 0);
    send($u, $data, 0, $from) if $from && $data eq $nonce;
  }
  my @asking = grep { vec($ready, $_, 1) } keys %held;
  if (vec($ready, fileno $t, 1) && accept(my $c, $t)) {
    if (keys %held < ${MOST_HELD}) { $held{fileno $c} = [$c, ''] } else { close $c }
  }
  for my $n (@asking) {
    my ($c, $text) = @{$held{$n}};
    my $more = sysread($c, $text, ${MOST_OCTETS}, length $text);
    $held{$n}[1] = $text;
    next if $more && $text !~ /\\n/ && length $text < ${MOST_OCTETS};
    syswrite($c, $text) if index($text, $nonce) == 0 && $text =~ /\\n\\z/;
    close $c; delete $held{$n};
  }
}
`

export const PYTHON = `
import selectors, signal, socket, sys
address, nonce, life = sys.argv[1:4]
signal.signal(signal.SIGINT, signal.SIG_DFL); signal.alarm(int(life)); nonce = nonce.encode()
t = socket.socket(); t.bind((address, 0)); t.listen(256)
u = socket.socket(type=socket.SOCK_DGRAM); u.bind((address, 0))
print(address, 'tcp', t.getsockname()[1], 'udp', u.getsockname()[1], flush=True)
ready = selectors.DefaultSelector(); ready.register(t, 1); ready.register(u, 1); held = {}
def echo():
    data, sender = u.recvfrom(2048)
    if data == nonce: u.sendto(data, sender)
def take():
    c, _ = t.accept()
    if len(held) >= ${MOST_HELD}: return c.close()
    held[c] = b''; ready.register(c, 1)
def read(c):
    more = c.recv(${MOST_OCTETS}); held[c] += more; text = held[c]
    if more and b'\\n' not in text and len(text) < ${MOST_OCTETS}: return
    if text.startswith(nonce) and text.endswith(b'\\n'): c.sendall(text)
    raise OSError
while True:
    for one, _ in ready.select():
        c = one.fileobj
        try: echo() if c is u else take() if c is t else read(c)
        except OSError:
            if c in held: ready.unregister(c); c.close(); del held[c]
`
