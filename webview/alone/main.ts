// Entry of the pair's page as a file of its own: first what stands in for the editor, then the page.
import './host.ts';
import '../pair/main.ts';
import './themes.css';
