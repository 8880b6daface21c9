/** The look of every page: light, dark and print, from a telephone to a wall. */

/** Colours are told apart by lightness too, and every text has a contrast of 4.5 and more on its ground. */
export const STYLE_TEXT = `
:root{color-scheme:light dark;--page:#f3f5f8;--card:#fff;--ink:#17212b;--soft:#4d5b69;--line:#d6dde5;--tint:#eef2f6;--bad:#a8201a;--bad-tint:#fdecea;--warn:#7a4b00;--warn-tint:#fff4df;--good:#14613a;--good-tint:#e6f5ec;--link:#1d58b3;--link-tint:#e8f0fc;--code:#f0f3f7}
@media (prefers-color-scheme:dark){:root{--page:#0e1318;--card:#161d24;--ink:#e8edf2;--soft:#a9b7c4;--line:#2c3742;--tint:#1c252e;--bad:#ff9a91;--bad-tint:#3a1a1a;--warn:#f3bf6b;--warn-tint:#33260f;--good:#7ddaa6;--good-tint:#12301f;--link:#95bfff;--link-tint:#172943;--code:#0f161d}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:4px}
.skip{position:absolute;left:-999px}.skip:focus{left:1rem;top:1rem;background:var(--card);padding:.5rem 1rem;z-index:2}
.frame{max-width:82rem;margin:0 auto;padding:0 clamp(1rem,3vw,2.5rem)}
header.top{background:var(--card);border-bottom:1px solid var(--line);border-top:6px solid var(--tone,var(--soft))}
header.top .frame{padding-top:clamp(1.25rem,3vw,2.25rem);padding-bottom:1.25rem}
.eyebrow{margin:0;color:var(--soft);font-size:.8rem;letter-spacing:.08em;text-transform:uppercase}
h1{margin:.2rem 0 .5rem;font-size:clamp(2rem,5vw,3.2rem);line-height:1.05;letter-spacing:-.02em;color:var(--tone,var(--ink))}
h2{margin:0 0 1rem;font-size:1.35rem;letter-spacing:-.01em}h3{margin:0;font-size:1.1rem;line-height:1.35}h4{margin:0 0 .35rem;font-size:.78rem;letter-spacing:.06em;text-transform:uppercase;color:var(--soft)}
.lede{margin:0 0 .5rem;font-size:1.2rem;line-height:1.4;max-width:60rem;overflow-wrap:anywhere}.under{margin:0 0 .75rem;color:var(--soft);overflow-wrap:anywhere}
dl.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(7.5rem,1fr));gap:.6rem;margin:1.1rem 0 .9rem}.tile{display:flex;flex-direction:column-reverse;justify-content:flex-end;padding:.6rem .9rem;border-radius:10px;background:var(--ground,var(--tint))}.tile dt{font-size:.8rem;color:var(--soft)}.tile dd{margin:0;font-size:1.45rem;line-height:1.25;font-weight:650;letter-spacing:-.01em;color:var(--tone,var(--ink));font-variant-numeric:tabular-nums}.tile.plain dd{color:var(--ink)}
.bad{--tone:var(--bad);--ground:var(--bad-tint)}.warn{--tone:var(--warn);--ground:var(--warn-tint)}.good{--tone:var(--good);--ground:var(--good-tint)}.calm{--tone:var(--link);--ground:var(--link-tint)}
.plain{--tone:var(--soft);--ground:var(--tint)}
.chips{display:flex;flex-wrap:wrap;gap:.4rem;margin:0;padding:0;list-style:none}
.chip{display:inline-block;border-radius:1rem;padding:.12rem .7rem;font-size:.84rem;background:var(--ground,var(--tint));color:var(--tone,var(--soft));overflow-wrap:anywhere}
dl.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(14rem,1fr));gap:.6rem 1.5rem;margin:1rem 0 0;padding-top:.9rem;border-top:1px solid var(--line)}
dl.facts .wide{grid-column:1/-1}dl.facts dt{font-size:.78rem;color:var(--soft)}dl.facts dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
nav.contents{position:sticky;top:0;z-index:1;background:var(--card);border-bottom:1px solid var(--line)}
nav.contents ul{display:flex;gap:.25rem;list-style:none;margin:0;padding:.35rem 0;overflow-x:auto}
nav.contents a{display:block;padding:.35rem .7rem;border-radius:6px;color:var(--ink);text-decoration:none;white-space:nowrap;font-size:.92rem}nav.contents a:hover{background:var(--tint)}
main{padding:1.75rem 0 1rem}section{margin:0 0 2.5rem;scroll-margin-top:3.5rem}
.card>:first-child{margin-top:0}.card>:last-child{margin-bottom:0}.card>ul{padding-left:1.2rem}.card>ul>li+li{margin-top:.5rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:clamp(1rem,2.2vw,1.6rem);margin:0 0 1rem;overflow:hidden}
.cause{border-left:5px solid var(--tone)}
.cause>.title{display:flex;gap:.9rem;align-items:flex-start}
.rank{flex:none;display:grid;place-items:center;width:2rem;height:2rem;border-radius:50%;background:var(--ground);color:var(--tone);font-weight:700}
.title h3{overflow-wrap:anywhere;min-width:0}
.meta{display:flex;flex-wrap:wrap;gap:.4rem .7rem;align-items:center;margin:.6rem 0 0;color:var(--soft);font-size:.9rem;overflow-wrap:anywhere}
code,pre,kbd{font-family:ui-monospace,"SF Mono","Cascadia Mono",Menlo,Consolas,monospace;font-size:.875em}code{overflow-wrap:anywhere}
pre{margin:0;padding:.8rem 1rem;background:var(--code);border:1px solid var(--line);border-radius:8px;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.5}
pre .cmd{color:var(--soft);display:block}pre .cmd::before{content:"$ "}
.way{display:flex;flex-wrap:wrap;gap:.2rem;list-style:none;margin:.9rem 0 0;padding:0;font-size:.84rem}
.way li{padding:.15rem .6rem;background:var(--tint);color:var(--soft);border-radius:5px}.way .here{background:var(--tone);color:var(--card);font-weight:650}
.sides{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,15rem),1fr));gap:.75rem;margin:1rem 0 0}
.side{border:1px solid var(--line);border-radius:8px;padding:.7rem .9rem;min-width:0}.side.found{border-color:var(--tone)}.side p{margin:0;overflow-wrap:anywhere;font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.87rem}
.part{margin:1.1rem 0 0}.part p{margin:0 0 .5rem;overflow-wrap:anywhere}
.fix{background:var(--good-tint);border-radius:10px;padding:1rem;margin-top:1.1rem}.fix h4{color:var(--good)}
.paste{position:relative;margin:.5rem 0 0}.paste pre{padding-right:5.5rem;background:var(--card)}
button{font:inherit;cursor:pointer}
.copy{position:absolute;top:.45rem;right:.45rem;border:1px solid var(--line);background:var(--card);color:var(--ink);border-radius:6px;padding:.15rem .7rem;font-size:.82rem}.copy:hover{background:var(--tint)}
details{margin:.9rem 0 0}summary{cursor:pointer;color:var(--link);overflow-wrap:anywhere}details>ul{margin:.5rem 0 0;padding-left:1.2rem;font-size:.9rem}li{overflow-wrap:anywhere}
.lane{margin:0 0 1.25rem}.lane>p{margin:.25rem 0 .75rem;color:var(--soft);overflow-wrap:anywhere}
.rail{display:grid;grid-template-columns:minmax(4rem,auto) 1fr;gap:0 1rem;padding:.7rem 0 .3rem;border-top:1px solid var(--line)}.rail>p{margin:0;font-weight:650;overflow-wrap:anywhere;max-width:9rem}
.stops{display:grid;grid-template-columns:repeat(auto-fill,minmax(7.2rem,1fr));gap:.5rem 0;list-style:none;margin:0;padding:0;min-width:0}
.stop{position:relative;padding:1.7rem .25rem 0 0;font-size:.86rem;line-height:1.35}
.stop::before{content:"";position:absolute;top:.62rem;left:0;right:0;border-top:3px solid var(--line)}.stop.seen::before{border-color:var(--good)}.stop:last-child::before{right:auto;width:.5rem}
.stop::after{content:"";position:absolute;top:.2rem;left:0;width:1rem;height:1rem;border-radius:50%;background:var(--card);border:3px solid var(--soft)}.stop.seen::after{background:var(--good);border-color:var(--good)}.stop.missed::after{border-style:dotted}
.stop.lost::before{border-top-style:dotted;border-color:var(--bad)}.stop.lost::after{content:"\\2715";display:grid;place-items:center;border-radius:5px;background:var(--bad);border-color:var(--bad);color:var(--card);font-weight:700;font-size:.75rem}
.stop b{font-size:.82rem;line-height:1.45}.stop b,.stop span{display:block;overflow-wrap:anywhere}.stop span{color:var(--soft)}.stop .why{color:var(--bad)}
.legend{font-size:.86rem;color:var(--soft);margin:.25rem 0 0}
.change{padding:.7rem 1.2rem;margin:0 0 .5rem}.layer{margin:0;border-bottom:1px solid var(--line);padding:.5rem 0}.layer:last-child{border:0}.layer>summary{display:flex;flex-wrap:wrap;gap:.35rem .5rem;align-items:center}.layer>summary::before{content:"\\25b8";width:.8rem}.layer[open]>summary::before{content:"\\25be"}.layer>summary b{min-width:7.5rem}.layer .scroll{margin-top:.5rem}.layer td:first-child{width:18rem}.layer td:nth-child(2){width:14rem}
.scroll{overflow:auto}svg+.scroll,.legend+.scroll,.scroll+.scroll{margin-top:1.1rem}table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);padding:0 0 .5rem}th,td{padding:.42rem .9rem .42rem 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;overflow-wrap:break-word}
td code{overflow-wrap:break-word}th{white-space:nowrap;font-weight:600;color:var(--soft);font-size:.84rem}td.n,th.n{text-align:right;white-space:nowrap}td .chip{padding:0 .55rem;white-space:nowrap}.whole{white-space:nowrap}
.split{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:1rem;align-items:start}
svg{display:block;max-width:100%;height:auto}svg text{fill:var(--ink);font:12px ui-sans-serif,system-ui,sans-serif}svg .dim{fill:var(--soft)}svg .tie{stroke:var(--soft);stroke-opacity:.45;fill:none}svg .tie.good{stroke:var(--good);stroke-opacity:.75}svg .torn{stroke:var(--bad);stroke-width:2.5;fill:none}svg .node{fill:var(--card);stroke:var(--soft)}svg .node.bad{fill:var(--bad-tint);stroke:var(--bad)}svg .node.good{stroke:var(--good)}svg .cell{fill:var(--good)}svg .cell.slow{fill:var(--link)}svg .cell.some{fill:var(--warn)}svg .cell.lost{fill:var(--bad)}svg .bar,svg .overlay{fill:var(--link)}svg .underlay{fill:var(--soft)}svg .tail{stroke:var(--soft);stroke-width:2}svg .axis,svg .tick{stroke:var(--line)}
.filter{display:flex;gap:.6rem;align-items:center;flex-wrap:wrap;margin:0 0 .8rem}.filter input{font:inherit;color:inherit;background:var(--card);border:1px solid var(--soft);border-radius:7px;padding:.35rem .7rem;min-width:min(100%,18rem)}
.entry{padding:.75rem 1.2rem;margin:0 0 .5rem;scroll-margin-top:3.5rem}.entry>summary .chip{margin-left:.3rem}.entry h3{margin:1.2rem 0 .3rem}
.empty{color:var(--soft);margin:0}footer{border-top:1px solid var(--line);color:var(--soft);font-size:.88rem;padding:1.2rem 0 2.5rem}
.key{display:inline-block;width:.8rem;height:.8rem;border-radius:3px;background:var(--tone);vertical-align:-.05rem;margin:0 .25rem 0 .6rem}.scroll>svg{min-width:30rem}.scroll:has(>#hosts-table){max-height:44rem}#hosts-table th{position:sticky;top:0;background:var(--card)}
@media screen and (max-width:52rem){.scroll>table.wide{min-width:50rem}.scroll>table.wide td:first-child,.scroll>table.wide th:first-child{position:sticky;left:0;background:var(--card)}}
@media (max-width:34rem){.rail{grid-template-columns:1fr;gap:.6rem}.rail>p{max-width:none}.stops{grid-template-columns:1fr;gap:0}.stop{padding:0 0 1rem 1.9rem}.stop::before,.stop:last-child::before{top:.2rem;bottom:-.2rem;left:.42rem;right:auto;width:0;border-top:0;border-left:3px solid var(--line)}.stop:last-child::before{display:none}dl.tiles{grid-template-columns:repeat(auto-fit,minmax(6rem,1fr))}.tile{padding:.45rem .7rem}.tile dd{font-size:1.2rem}dl.facts{grid-template-columns:1fr 1fr}}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
@media print{:root{--page:#fff;--card:#fff;--ink:#000;--soft:#333;--line:#bbb;--tint:#f2f2f2;--code:#f7f7f7;--bad:#8f1611;--good:#0d4a2b;--warn:#5d3900;--link:#123f86;--bad-tint:#fdecea;--warn-tint:#fff4df;--good-tint:#e6f5ec;--link-tint:#e8f0fc}*{print-color-adjust:exact}body{font-size:10.5pt}nav.contents,.copy,.filter,.skip{display:none}.card{border-radius:0}.scroll:has(>#hosts-table){max-height:none}.scroll>svg{min-width:0}table{font-size:8.5pt}th{font-size:8pt}th,td{padding-right:.6rem}td .chip{font-size:8pt}table.wide td,td.n,td code{white-space:normal;overflow-wrap:anywhere}.cause,.rail,tr,.side,.fix{break-inside:avoid}h2,h3{break-after:avoid}details:not([open])>summary::after{content:" (folded)"}}
`
