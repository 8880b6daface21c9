/**
 * Docker masquerades what leaves the subnet of a bridge by any other link, unless its option `--ip-masq` or
 * the network's `enable_ip_masquerade` is off (moby `libnetwork/drivers/bridge`: iptables
 * `-s SUBNET ! -o BRIDGE -j MASQUERADE`, since Docker 29 nftables in table `docker-bridges`).
 */

const IPTABLES = /^-s (\S+) ! -o \S+ -j MASQUERADE$/
const NFT = /\bip saddr (\S+) oifname != \S+ (?:counter (?:packets \d+ bytes \d+ )?)?masquerade\b/

/**
 * The subnet that Docker masquerades by a rule, as written (`10.5.1.0/24`); undefined where the rule is another.
 * Takes the words of an iptables rule behind `-A CHAIN`, or a rule as nft prints it.
 */
export function dockerMasquerades(rule: string): string | undefined {
  return (IPTABLES.exec(rule) ?? NFT.exec(rule))?.[1]
}
