/**
 * Sends whole IPv4 packets from a raw socket and prints those that come back, in the languages that hosts have.
 * Arguments: destination, number of the protocol, octets of which a packet that comes back has one (hexadecimal, with
 * commas), the packets (hexadecimal). Prints `sent` or `unsent WORDS` for each, `got OCTETS` for what comes back.
 */

/** Seconds between two packets, and to wait after the last. */
const PACE_S = 0.02
const WAIT_S = 1
/** Octets of a packet that are printed. */
const SHOWN = 256

export const PERL = `
use strict; use Socket;
my ($to, $protocol, $keys, @packets) = @ARGV;
$| = 1;
my @keys = map { pack 'H*', $_ } split /,/, $keys;
my ($out, @in, $got);
socket($out, PF_INET, SOCK_RAW, 255) or die "socket: $!\\n";
for (0, 1) { socket($in[$_], PF_INET, SOCK_RAW, $_ ? 1 : $protocol) or die "socket: $!\\n" }
my $address = sockaddr_in(0, inet_aton($to));
for my $at (0 .. $#packets) {
  print send($out, pack('H*', $packets[$at]), 0, $address) ? "sent\\n" : "unsent $!\\n";
  my ($isLast, $left, $n) = ($at == $#packets, $at == $#packets ? ${WAIT_S} : ${PACE_S});
  while ($left > 0 && !($isLast && $got >= @packets)) {
    my $ready = '';
    vec($ready, fileno $_, 1) = 1 for @in;
    ($n, $left) = select($ready, undef, undef, $left);
    last if $n < 1;
    for my $s (grep { vec($ready, fileno $_, 1) } @in) {
      recv($s, my $data, 2048, 0);
      next unless grep { index($data, $_) >= 0 } @keys;
      $got++ if substr($data, 12, 4) eq inet_aton($to);
      print 'got ', unpack('H*', substr($data, 0, ${SHOWN})), "\\n";
    }
  }
}
`

export const PYTHON = `
import select, socket, sys, time
to, protocol, keys, packets = sys.argv[1], int(sys.argv[2]), [bytes.fromhex(k) for k in sys.argv[3].split(',')], sys.argv[4:]
raw = lambda number: socket.socket(socket.AF_INET, socket.SOCK_RAW, number)
out, ways, got = raw(255), [raw(protocol), raw(1)], 0
for at, packet in enumerate(packets):
    try: out.sendto(bytes.fromhex(packet), (to, 0)); print('sent', flush=True)
    except OSError as error: print('unsent', error.strerror, flush=True)
    last = at == len(packets) - 1
    end = time.monotonic() + (${WAIT_S} if last else ${PACE_S})
    while time.monotonic() < end and not (last and got >= len(packets)):
        for s in select.select(ways, [], [], max(0, end - time.monotonic()))[0]:
            data = s.recv(2048)
            if not any(k in data for k in keys): continue
            got += data[12:16] == socket.inet_aton(to); print('got', data[:${SHOWN}].hex(), flush=True)
`
