// How what lies elsewhere is named: by people, by configs, and in the question that consent asks.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hubModelOf, placeOf, readingOf, remoteOf } from '../../../src/extension/remote/remotePlaces.ts';
import { remoteHeaderAddress, remoteHeaderOf } from '../../../src/extension/headerEditor/headerLocation.ts';

describe('a remote address', () => {
  it('is meant by a model id, an address or a page of the Hub, and keeps no query', () => {
    assert.equal(remoteOf('org/model'), 'hf://org/model@main');
    assert.equal(remoteOf('org/model@v1.0'), 'hf://org/model@v1.0');
    assert.equal(remoteOf('https://huggingface.co/org/model/tree/dev'), 'hf://org/model@dev');
    assert.equal(remoteOf('https://host/a.safetensors?signature=secret'), 'https://host/a.safetensors');
    for (const text of ['model', '/org/model', './org/model', 'a/b/c', 'http://host/a', '']) {
      assert.equal(remoteOf(text), null, text);
    }
  });

  it('is named by a config only where that is no path of a training script', () => {
    assert.equal(hubModelOf('Qwen/Qwen2.5-Math-1.5B'), 'hf://Qwen/Qwen2.5-Math-1.5B@main');
    for (const name of ['outputs/sft', 'checkpoints/base', '../base', '/models/base', 'configs/run.yaml']) {
      assert.equal(hubModelOf(name), null, name);
    }
  });

  it('is allowed by repository or by server, which the question names', () => {
    assert.equal(placeOf('hf://org/model@v2/sub/model.safetensors'), 'hf://org/model');
    assert.equal(placeOf('https://host:8443/deep/model.safetensors'), 'https://host:8443');
    assert.equal(readingOf('hf://org/model', {}), 'hf://org/model from huggingface.co');
    const mirror = { HF_ENDPOINT: 'https://mirror.example:8080/hub' };
    assert.equal(readingOf('hf://org/model', mirror), 'hf://org/model from mirror.example:8080');
    assert.equal(readingOf('https://host', mirror), 'https://host');
  });

  it('survives as the URI of a header', () => {
    const address = 'hf://org/model@main/model-00001-of-00002.safetensors';
    const uri = remoteHeaderAddress(address);
    assert.equal(uri.path, '/org∕model∕model-00001-of-00002.safetensors');
    assert.equal(remoteHeaderOf(uri), address);
    assert.equal(remoteHeaderOf({ scheme: 'file', query: address }), null);
    assert.equal(remoteHeaderOf({ scheme: 'threegate', query: '{"base":"a"}' }), null);
  });
});
