/**
 * The pings of one network by one process, where the host has perl and we may open a raw socket: a process for each ping costs
 * more than all its packets. What was answered is told; what was not is left to ping(8), which hears who refused it and why.
 */
import type { PingReading } from '../../../checks/model/observation.ts'
import { PING_HEADERS, PING_WAIT_S, type PingWords } from './argv.ts'

/** From so many pings on, starting perl costs less than starting them. */
export const LEAST_TOGETHER = 3
/**
 * Seconds to wait for the answers of those that have had none so far, and how many times as long as the slowest answer so far
 * took: a busy host is slow with all of them. ping(8) waits again.
 */
const SILENT_S = 0.3
const SLOWER = 5

/** Seconds between pings of different paths: an answer that waits to be read looks late. */
const PAUSE_S = 0.0001

/** Packets that are still read when the time to wait is over: on a busy machine they were there before this process was. */
const MOST_LATE = 1000

/** What a ping is told by from others of its socket. */
interface Mark {
  readonly id: number
  readonly nonce: string
}

/** True for a ping that can share a socket. */
export function isMarked<T extends Partial<PingWords>>(ping: T): ping is T & Mark {
  return ping.id !== undefined && ping.nonce !== undefined
}

/** The word that describes one ping to the program. */
export function jobWord(
  name: string,
  { address, size, count, id, nonce }: Omit<PingWords, 'interval'> & Mark,
): string {
  return [name, address, size - PING_HEADERS, count, id, nonce].join(':')
}

/**
 * The program: the token of frames, seconds between requests, whether a silent path is told as well, the words of pings. Answers are
 * framed on descriptor 3, the names of the rest are printed. Numbers are Linux's: PF_INET, SOCK_RAW, ICMP, IP_MTU_DISCOVER with IP_PMTUDISC_PROBE (the
 * `-M probe` of ping), SO_RCVBUF.
 */
export const TOGETHER = `
use strict; use Time::HiRes ();
my ($token, $gap, $alone, @words) = @ARGV;
my ($s, $told, %by, @all, $most);
my $slowest = 0;
socket($s, 2, 3, 1) && setsockopt($s, 0, 10, pack 'i', 3) && open($told, '>&=', 3) or exit 1;
setsockopt($s, 1, 8, pack 'i', 1 << 22);
for (@words) {
  my ($name, $address, $octets, $count, $id, $nonce) = split /:/;
  my $ip = pack 'C4', split /[.]/, $address;
  my $fill = pack 'H*', $nonce;
  my $job = { name => $name, count => $count, id => $id, got => 0, again => 0, at => [], seen => [], ms => [],
    to => pack('S n a4 x8', 2, 0, $ip), data => substr($fill x (1 + $octets / length $fill), 0, $octets) };
  push @all, $by{$ip . pack 'n', $id} = $job;
  $most = $count unless defined $most && $most > $count;
}
sub ask {
  my ($job, $n) = @_;
  my $echo = sub { pack('C2 n3', 8, 0, $_[0], $job->{id}, $n) . $job->{data} };
  my $sum = unpack '%32n*', $echo->(0) . "\\0" x (length($job->{data}) & 1);
  $sum = ($sum & 65535) + ($sum >> 16) for 1, 2;
  $job->{at}[$n] = Time::HiRes::time();
  send($s, $echo->(65535 & ~$sum), 0, $job->{to}) or $job->{failed} = 1;
}
sub hear {
  my ($until, $isEnough) = @_;
  my ($left, $late) = (0, 0);
  while (($left = $until - Time::HiRes::time()) > 0 || $late++ < ${MOST_LATE}) {
    return if $isEnough && !grep { $_->{got} < $_->{count} } @all;
    my $ready = '';
    vec($ready, fileno $s, 1) = 1;
    my $can = select($ready, undef, undef, $left > 0 ? $left : 0);
    return if $left <= 0 && $can < 1;
    next unless $can > 0 && defined recv($s, my $packet, 65536, 0);
    my $now = Time::HiRes::time();
    my $ip = substr $packet, 0, 4 * (15 & ord $packet), '';
    next if length $ip < 20 || length $packet < 8;
    my ($type, $code, $sum, $id, $n) = unpack 'C2 n3', $packet;
    my $job = $by{substr($ip, 12, 4) . pack 'n', $id};
    next unless $type == 0 && $job && $job->{at}[$n] && substr($packet, 8) eq $job->{data};
    next if $job->{seen}[$n]++ && ++$job->{again};
    $job->{got}++;
    $job->{ttl} = ord substr $ip, 8, 1;
    my $took = $now - $job->{at}[$n];
    push @{$job->{ms}}, 1000 * $took;
    $slowest = $took if $took > $slowest;
  }
}
for my $n (1 .. $most) {
  my $next = Time::HiRes::time() + $gap;
  ask($_, $n), hear(Time::HiRes::time() + ${PAUSE_S}) for grep { $n <= $_->{count} } @all;
  hear($next) if $n < $most;
}
my $end = Time::HiRes::time();
hear($end + (sort { $b <=> $a } ${SILENT_S}, ${SLOWER} * $slowest)[0], 1);
hear($end + ${PING_WAIT_S}, 1) if grep { $_->{got} && $_->{got} < $_->{count} } @all;
my @left;
for my $job (@all) {
  my ($name, @ms) = ($job->{name}, sort { $a <=> $b } @{$job->{ms}});
  push(@left, $name), next if !$alone && ($job->{failed} || !@ms);
  @ms = (0) unless @ms;
  my $all = 0;
  $all += $_ for @ms;
  syswrite $told, sprintf "$token %s answered %d %d %d %d %.3f %.3f %.3f\\n$token %s= 0\\n",
    $name, $job->{count}, $job->{got}, $job->{again}, $job->{ttl} || 0, $ms[0], $all / @ms, $ms[-1], $name;
}
print " @left " if @left;
`

type Numbers = [number, number, number, number, number, number, number]
const ANSWERED = /^answered (\d+) (\d+) (\d+) (\d+) ([\d.]+) ([\d.]+) ([\d.]+)$/m

/** What the program told of a ping; undefined where ping(8) told it. */
export function parseAnswered(text: string): PingReading | undefined {
  const told = ANSWERED.exec(text)
  if (told === null) return undefined
  const [sent, received, duplicates, ttl, min, avg, max] = told.slice(1).map(Number) as Numbers
  if (received === 0) return { sent, received }
  return { sent, received, rttMs: { min, avg, max }, ttl, ...(duplicates > 0 && { duplicates }) }
}
