/** The style of the page: system fonts, a light and a dark palette, wide, narrow and print layouts. */
export const pageStyle: string = `
:root{color-scheme:light dark;--paper:#f6f5f2;--card:#fff;--ink:#1b2430;--quiet:#56606d;--line:#dedbd3;--soft:#efede8;--link:#1c4f86;--exposed:#9b1c22;--exposed-soft:#fbecea;--leaking:#7d4a00;--leaking-soft:#fbf1de;--open:#3f4f63;--open-soft:#eaeef3;--score:#9b1c22;--curve:#1c4f86;--right:#17603a;--right-soft:#e2f2e8}
@media (prefers-color-scheme:dark){:root{--paper:#14181d;--card:#1c2229;--ink:#e7e9ec;--quiet:#a2acb8;--line:#343c46;--soft:#262d36;--link:#8fbdf0;--exposed:#ff9d96;--exposed-soft:#3a2022;--leaking:#f0bd6a;--leaking-soft:#362a17;--open:#b5c4d6;--open-soft:#25303b;--score:#ff9d96;--curve:#8fbdf0;--right:#86d9a7;--right-soft:#1d3428}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 -apple-system,BlinkMacSystemFont,"Segoe UI",Roboto,"Helvetica Neue","Liberation Sans",Arial,system-ui,sans-serif;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
header.page,main,footer{max-width:1160px;margin:0 auto;padding:0 32px}
header.page{padding-top:56px}
h1{font-size:38px;line-height:1.15;letter-spacing:-.02em;margin:4px 0 8px;font-weight:650;text-wrap:balance}
h2{font-size:27px;line-height:1.2;letter-spacing:-.012em;margin:0 0 10px;font-weight:650;text-wrap:balance}
h3{font-size:18px;line-height:1.3;margin:0 0 12px;font-weight:650}
h4{font-size:16px;margin:32px 0 12px;font-weight:650}
h5{font-size:15px;margin:0;font-weight:650}
p{margin:0 0 12px}a{color:var(--link);text-underline-offset:2px}
code,pre{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
pre{background:var(--soft);border-radius:6px;padding:12px 14px;white-space:pre-wrap;margin:0 0 12px}
.kicker{font-size:13px;letter-spacing:.09em;text-transform:uppercase;color:var(--quiet);margin:0;font-weight:600}
.lead{font-size:18px;max-width:46em}
.quiet{color:var(--quiet)}
.notice{border:1px solid var(--line);border-left:4px solid var(--leaking);background:var(--leaking-soft);border-radius:6px;padding:12px 16px;margin:24px 0 0}
.summary,.scenario{margin-top:40px;padding-top:32px;border-top:2px solid var(--ink)}
.scenario{margin-top:72px}
table{border-collapse:collapse;width:100%;margin:20px 0}
caption{text-align:left;color:var(--quiet);font-size:14px;padding-bottom:8px}
.stacked th,.stacked td{text-align:left;vertical-align:top;padding:11px 18px 11px 0;border-bottom:1px solid var(--line)}
.stacked thead th{min-width:5em;font-size:13px;color:var(--quiet);font-weight:600;padding-top:0;vertical-align:bottom;border-bottom-color:var(--quiet)}
.stacked tbody th{font-weight:600;width:26%}
.stacked td .quiet,.stacked tbody th .quiet{display:block;font-size:14px;font-weight:400}
.badge{display:inline-block;font-size:13px;line-height:1.4;font-weight:600;padding:2px 10px;border-radius:99px;background:var(--open-soft);color:var(--open);white-space:nowrap}
.badge.recovered{background:var(--exposed-soft);color:var(--exposed)}.badge.partial{background:var(--leaking-soft);color:var(--leaking)}
.badges{display:inline-flex;flex-wrap:wrap;gap:4px 6px;vertical-align:middle}
h3 .badge{margin-left:4px}
.sheets{display:grid;gap:16px;margin-top:28px}
.sheet{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:20px 22px;min-width:0;display:grid;grid-template-columns:minmax(0,260px) minmax(0,1fr);gap:8px 32px;align-items:center}
.sheet h3{margin:0 0 2px}.sheet h3 a{color:inherit;text-decoration:none}.sheet h3 a:hover{text-decoration:underline}
.sheet p[class]{margin:0;font-weight:600}.sheet p.quiet{font-weight:400;font-size:14px;margin-top:8px}.sheet .spans{font-weight:400}p.exposed{color:var(--exposed)}p.leaking{color:var(--leaking)}p.open{color:var(--open)}
.contact{margin:0;max-width:780px;table-layout:fixed}
.contact caption{caption-side:bottom;padding:8px 0 0}
.contact th{width:116px;text-align:left;font-size:13px;font-weight:600;color:var(--quiet);vertical-align:middle;padding:3px 8px 3px 0}
.contact td{padding:3px;vertical-align:middle}
.contact.columns-1{max-width:240px}.contact.columns-2{max-width:360px}.contact.columns-3{max-width:480px}
img{display:block;max-width:100%;height:auto}
.raster,.picture img,.contact img{width:100%;border-radius:3px;background:var(--soft)}
.coarse{image-rendering:pixelated}
.setting{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,290px),1fr));gap:20px 40px;margin:28px 0;font-size:15px}
dl{margin:0}dd{margin:0}
.setting dl>div{display:grid;grid-template-columns:108px 1fr;gap:12px;padding:5px 0;border-top:1px solid var(--line)}
dt{color:var(--quiet)}
.line{display:block}
ul{margin:0 0 12px;padding:0;list-style:none}
.setting li{padding:5px 0;border-top:1px solid var(--line)}
li code{color:var(--quiet)}
li.strong{font-weight:650;color:var(--exposed)}
.problems li{padding:6px 0 6px 12px;border-left:3px solid var(--line);border-top:0!important;margin-bottom:6px}
.attack{border-top:1px solid var(--line);padding-top:24px;margin-top:32px}
.attack>h3{font-size:20px}
.meaning{border-left:4px solid var(--open);background:var(--open-soft);border-radius:6px;padding:16px 20px;margin:0 0 20px}
.meaning h4{margin:0 0 4px;font-size:14px;color:var(--open)}
.meaning p{margin:0;max-width:54em}
.meaning.exposed{border-color:var(--exposed);background:var(--exposed-soft)}.meaning.exposed h4{color:var(--exposed)}
.meaning.leaking{border-color:var(--leaking);background:var(--leaking-soft)}.meaning.leaking h4{color:var(--leaking)}
.reasons>div{display:grid;grid-template-columns:230px 1fr;gap:4px 24px;padding:9px 0;border-bottom:1px solid var(--line)}
.reasons dt{font-weight:600;color:var(--ink)}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:24px 40px;margin:28px 0}
figure{margin:0}
.chart{max-width:600px}.chart svg{display:block;width:100%;height:auto}
figcaption{font-size:14px;line-height:1.4;color:var(--quiet);margin-top:6px}figcaption b{color:var(--ink);font-weight:600}
svg text{font-size:12.5px;fill:var(--quiet)}
.grid{stroke:var(--line)}
.curve{fill:none;stroke:var(--curve);stroke-width:1.6;stroke-linejoin:round;opacity:.75}
.leak{stroke:var(--score);stroke-width:2}.score-dot{fill:var(--score)}.below .leak{stroke:var(--quiet)}.below .score-dot{fill:var(--quiet)}.floor-dot{fill:var(--paper);stroke:var(--quiet);stroke-width:1.6}
.bound{stroke:var(--ink);stroke-width:1.4;stroke-dasharray:5 4}.spectrum-dot{fill:var(--curve)}
.features{fill:var(--curve)}.others{fill:var(--curve);opacity:.35}.short .features,.short .others{fill:var(--score)}
.whisker{stroke:var(--quiet);stroke-width:1.4}.guess{fill:none;stroke:var(--ink);stroke-width:1.4}
.diagnosis,.evaluation{border-top:1px solid var(--line);padding-top:24px;margin-top:32px}
.item{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:18px 20px;margin:0 0 16px;display:grid;grid-template-columns:minmax(0,1.6fr) minmax(0,1fr);gap:14px 32px;align-items:start}
.item header{grid-column:1/-1;display:flex;flex-wrap:wrap;gap:6px 12px;align-items:center}
.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(140px,1fr));gap:16px}
.picture{min-width:0}.picture.wide{grid-column:1/-1}.picture.wide img{max-width:720px}
.picture figcaption span{display:block}
.item-facts{font-size:14px}
.item>.item-facts:nth-child(2){grid-column:1/-1}
.item-facts p{margin:8px 0 0}
.numbers>div{display:grid;grid-template-columns:110px 1fr;gap:12px;padding:3px 0}
.spans{background:var(--soft);border-radius:6px;padding:12px 14px;white-space:pre-wrap;margin:0}
mark{background:var(--open-soft);color:var(--open);border-radius:3px;padding:0 2px;text-decoration:underline;text-decoration-thickness:1px}
mark[data-mark~=right]{background:var(--right-soft);color:var(--right)}
mark[data-mark~=elsewhere]{background:var(--leaking-soft);color:var(--leaking);text-decoration-style:dashed}
mark[data-mark~=wrong]{background:var(--exposed-soft);color:var(--exposed);text-decoration-line:line-through}
mark[data-mark~=unsure]{font-style:italic;outline:1px dotted}
.legend{display:block}
.unshown{border:1px dashed var(--line);border-radius:3px;padding:10px;font-size:13px;color:var(--quiet);margin:0}
details{margin:0 0 16px}summary{cursor:pointer;color:var(--link);padding:4px 0}
footer{margin-top:72px;padding-top:32px;padding-bottom:72px;display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:40px;font-size:15px}
footer h2{font-size:20px}footer h3{font-size:15px;margin:16px 0 6px}footer section{min-width:0;border-top:2px solid var(--ink);padding-top:20px}
.glossary>div{padding:8px 0;border-bottom:1px solid var(--line)}.glossary dt{font-weight:600;color:var(--ink)}
a:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:3px;border-radius:2px}
@media (max-width:760px){
header.page,main,footer{padding-left:18px;padding-right:18px}header.page{padding-top:32px}
h1{font-size:29px}h2{font-size:23px}.lead{font-size:17px}
.stacked,.stacked tbody,.stacked tr,.stacked th,.stacked td,.stacked caption{display:block;width:auto}
.stacked thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.stacked tbody tr{border-bottom:1px solid var(--line);padding:12px 0}
.stacked tbody th,.stacked tbody td{border:0;padding:3px 0;width:auto}
.stacked tbody td{display:grid;grid-template-columns:130px 1fr;gap:12px}.stacked td::before{content:attr(data-label);color:var(--quiet)}
.sheet{padding:16px;grid-template-columns:minmax(0,1fr)}.contact tr{display:grid;grid-template-columns:repeat(6,1fr)}.contact th{grid-column:1/-1;width:auto}.contact td{padding:2px}.contact.columns-1 tr,.contact.columns-2 tr,.contact.columns-3 tr{grid-template-columns:repeat(3,1fr)}
.item{grid-template-columns:minmax(0,1fr);padding:14px 16px}.pictures{grid-template-columns:repeat(auto-fill,minmax(120px,1fr));gap:12px}
.reasons>div{grid-template-columns:1fr}svg text{font-size:15px}.meaning{padding:14px 16px}
}
@media print{
@page{margin:16mm}
:root{--paper:#fff;--card:#fff;--ink:#000;--quiet:#444}
body{font-size:11pt}header.page,main,footer{max-width:none;padding-left:0;padding-right:0}
.item,.sheet,.chart,.meaning,tr{break-inside:avoid}.scenario{break-before:page}h2,h3,h4{break-after:avoid}
details::details-content{content-visibility:visible;display:block}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`;
